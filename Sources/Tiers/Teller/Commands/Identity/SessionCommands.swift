import ArgumentParser
import BankAPI
import BankClient
import Ledger

/// `teller whoami`.
struct WhoamiCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show as whom you are signed in at a bank, and until when.",
        discussion: """
            --output json prints an object with user, rights, session (id, opened_at, last_used_at, \
            idle_at, expires_at and others), bank, server and ledger.
            """)

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let client = try bank.client()
        guard client.token != nil else {
            throw TellerError(
                .noPermission, "nobody is signed in at \(client.address)",
                advice: "sign in with 'teller login NAME'")
        }
        let me = try await asking(await client.me())
        let bank = try await asking(await client.signedOut.bank())
        let name = BankName(bank: bank.bank, server: client.address.description)
        try output.print(MeView(me: me, bank: name, ledger: bank.ledger))
    }
}

/// `teller sessions`.
struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "List your sessions at a bank, or end one.",
        discussion: """
            --output json prints an array of objects with id, client, source, opened_at, \
            last_used_at, idle_at (when it ends unless it is used), expires_at and is_current.
            """)

    @Option(help: ArgumentHelp("End the session with this id.", valueName: "uuid"))
    var end: String?

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let id = try end.map { text in try TextArguments.identifier(text, "session") }
        guard let id else {
            let client = try bank.client()
            let sessions = try await asking(await client.sessions())
            return try output.print(SessionsView(sessions: sessions))
        }
        let (client, session) = try bank.connection(isForWrites: true)
        let ended = try await asking(await client.end(.one(id)))
        if let session, session.id == id { try SessionStore.standard()?.forget(session) }
        try StandardStreams.write(
            ended == 0 ? "Session \(id) had ended before.\n" : "Session \(id) is ended.\n")
    }
}

/// `teller user`.
struct UserCommand: AsyncParsableCommand {
    enum Act: String, ExpressibleByArgument, CaseIterable {
        case add, disable, reset
    }

    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Add, disable or reset a user of a bank. For operators.",
        discussion: """
            add makes a user, and reset ends a user's sessions: both print a random password, which is \
            told this once. disable ends the sessions, and keeps the user from signing in.

            --output json prints an object with user, rights and password, or for disable with ended, \
            the number of sessions.
            """)

    @Argument(help: "What to do: add, disable or reset.")
    var act: Act

    @Argument(help: ArgumentHelp("The user's name.", valueName: "name"))
    var user: String

    @Flag(help: "Add an operator, who may do the bank's work.")
    var `operator` = false

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func validate() throws {
        guard !`operator` || act == .add else {
            throw ValidationError("--operator: it is for the user that is added")
        }
        // It is a part of a path.
        _ = try TextArguments.userName(user)
    }

    func run() async throws {
        let client = try bank.client(isForWrites: true)
        let again = "'teller user reset \(user)' makes a new password"
        switch act {
        case .add:
            let rights = `operator` ? Rights.operator : .customer
            let added = try await asking(
                await client.add(AddUser(user: user, rights: rights)), elseUnknown: again)
            try output.print(NewPasswordView(headline: "Added \(user)", answer: added))
        case .reset:
            let answer = try await asking(await client.reset(user), elseUnknown: again)
            try output.print(NewPasswordView(headline: "Reset \(user)", answer: answer))
        case .disable:
            let ended = try await asking(await client.disable(user))
            try StandardStreams.write(
                output == .json
                    ? try JSONText.object(EndedSessions(ended: ended))
                    : "Disabled \(user); sessions ended: \(ended).\n")
        }
    }
}
