import ArgumentParser
import Chain
import Logging
import Postgres

/// `balance-service user`: people, for whoever runs the bank; operators have routes for it.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add people to the bank, such as its first operator.",
        subcommands: [UserAddCommand.self, UserDemoCommand.self])
}

/// `balance-service user add NAME`.
struct UserAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a user, and print her random password.")

    @OptionGroup var settings: SettingsOption

    @OptionGroup var database: DatabaseOptions

    @Argument(help: "2 to 32 lower-case letters, digits, dots, hyphens and underscores.")
    var name: String

    @Flag(help: "She does the bank's work: adds users, opens accounts, audits.")
    var `operator` = false

    @Flag(help: "Read her password from standard input, one line, and print none.")
    var passwordStdin = false

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            let bank = try ServiceSettings.bank.value(flag: nil, file: file)
            let typed = passwordStdin ? readLine() : nil
            guard typed != nil || !passwordStdin else {
                throw TierFailure("standard input has no password", .dataError)
            }
            let person = NewPerson(
                user: name, rights: `operator` ? .operator : .customer,
                password: typed.map { Secret($0) } ?? PasswordRules.random())
            try person.check(bank: bank)
            let added = try await withIdentity(database, file) { connection in
                try await person.add(to: connection)
            }
            guard added else {
                throw TierFailure("there is a user \(name) already", .dataError)
            }
            if typed == nil { print("\(name) \(person.password.text)") }
        }
    }
}

/// `balance-service user demo`.
struct UserDemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Add the people of the demo accounts, and an operator.",
        discussion: """
            Prints the name of each that is new, and the password. It is the one in DEMO_PASSWORD, or in \
            the file that DEMO_PASSWORD_FILE names, and then not printed; else each has a random one.
            """)

    @OptionGroup var settings: SettingsOption

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Those that are there get new passwords, too.")
    var reset = false

    func run() async throws {
        try await reportingFailure {
            let file = try settings.file()
            let bank = try ServiceSettings.bank.value(flag: nil, file: file)
            let given = try ServiceSettings.demoPassword.value(flag: nil, file: file)
            let people = NewPerson.demo { given.map { Secret($0) } ?? PasswordRules.random() }
            for person in people { try person.check(bank: bank) }
            let added = try await withIdentity(database, file) { connection in
                var added: [NewPerson] = []
                for person in people {
                    if try await person.add(to: connection, resets: reset) { added.append(person) }
                }
                return added
            }
            for person in added {
                print(person.user, given == nil ? person.password.text : "as given")
            }
        }
    }
}

private func withIdentity<Result>(
    _ options: DatabaseOptions, _ file: SettingsFile?,
    _ body: nonisolated(nonsending) (PostgresConnection) async throws -> sending Result
) async throws -> sending Result {
    ServerLog.bootstrap(level: try ServiceSettings.logLevel(.error).value(flag: nil, file: file))
    return try await PostgresConnection.withConnection(
        try options.identityConfiguration(file), logger: Logger(label: "balance-service"),
        deadline: .now + .seconds(30), body)
}
