#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension LocalBank {
    /// The role that the balance-services connect as, or take.
    static let appRole = "teller_app"
    /// The one for people and their sessions.
    static let identityRole = "teller_identity"
    static let tierRoles = [appRole, identityRole]

    /// The processes of a bank, in the order they start in, each after what it asks.
    ///
    /// A tier more is an entry here, and its name in `Tier`.
    func processes(copies: Int, _ database: Database) -> [ProcessDescription] {
        (database.own.map { [$0.process] } ?? [])
            + (1...max(copies, 1)).map { balanceService(copy: $0, database) }
            + [bankServer]
    }

    func processes(of state: BankState) -> [ProcessDescription] {
        processes(
            copies: state.copies,
            state.externalDatabase == nil ? .own(PrivatePostgres(home)) : .elsewhere(nil))
    }

    /// All that a bank in this home may have.
    var allProcesses: [ProcessDescription] {
        processes(copies: UpOptions.copyLimit, .own(PrivatePostgres(home)))
    }

    private func balanceService(copy: Int, _ database: Database) -> ProcessDescription {
        let part = Part(.balanceService, copy: copy)
        let certificates = ["--certificates", home.certificates(of: .balanceService)]
        return server(part, database, health: certificates) { state in
            // Where it was, because the bank-server knows it there; else a socket of its own, which no
            // other user can reach.
            let own = "unix:\(home.socketFolder(for: state.tierUser?.user))/\(copy).sock"
            let role = database.own == nil ? ["--database-role", Self.appRole] : []
            return ["serve", "--listen", state[part]?.address ?? own] + certificates + role
        }
    }

    /// Brings the tables up to date, as their owner.
    func migration(
        demo: Bool, _ database: Database, _ state: BankState
    ) throws(LocalBankError) -> Command {
        // A database elsewhere may know users by their names: it is asked as the service will.
        let user = database.own == nil ? state.tierUser : nil
        return Command(
            program: try program(of: .balanceService),
            arguments: ["migrate"] + (demo ? ["--demo"] : []),
            variables: try variables(database, role: "postgres", state, user: user), user: user)
    }

    /// Makes the people of the demo data, or gives them new passwords, and prints these.
    func demoUsers(_ database: Database, _ state: BankState) throws(LocalBankError) -> Command {
        Command(
            program: try program(of: .balanceService), arguments: ["user", "demo", "--reset"],
            variables: try variables(database, role: Self.identityRole, state))
    }

    private var bankServer: ProcessDescription {
        var process = server(Part(.bankServer), port: \.serverPort) { state in
            [
                "--listen", "127.0.0.1:\(state.serverPort)", "--certificates",
                home.certificates(of: .bankServer),
            ]
                + state.addresses(of: .balanceService).flatMap { ["--balance-service", $0] }
        }
        process.explanation = { lines in
            // It was free when it was looked at.
            let line = lines.last ?? ""
            return line.range(ofText: " is in use by another process").map {
                LocalBankError(
                    .portInUse, String(line[..<$0.upperBound]),
                    advice: "choose another with --port, or 0 for any free one")
            }
        }
        return process
    }

    /// A server that keeps the tiers' contract: it writes where it listens to its ready file, has a
    /// `health` command, and drains on SIGTERM.
    ///
    /// - Parameters:
    ///   - database: for one that connects to it.
    ///   - health: what its `health` command takes besides its address.
    ///   - port: the one that it is to have, where that is known.
    func server(
        _ part: Part, _ database: Database? = nil, health options: [String] = [],
        port: @escaping @Sendable (BankState) -> Int = { _ in 0 },
        arguments: @escaping @Sendable (BankState) -> [String]
    ) -> ProcessDescription {
        let readyFile = home.readyFile(of: part)
        return ProcessDescription(
            part: part,
            mark: ProcessDescription.Mark(
                flag: "--ready-file", path: readyFile,
                earlierPath: "\(home.runFolder)/\(Host.name(of: readyFile))"),
            command: { state, _ in
                try? Folders.removeAll(readyFile)
                return Command(
                    program: try program(of: part.tier), arguments: arguments(state),
                    variables: try variables(
                        database, role: Self.appRole, state, user: state.tierUser),
                    user: state.tierUser,
                    needsPrivilegedPort: (1..<1024).contains(port(state)))
            },
            readiness: { process in
                guard let address = process.address ?? Self.address(inReadyFile: readyFile) else {
                    return .notYet("does not listen")
                }
                let health = Command(
                    program: try program(of: part.tier),
                    arguments: ["health", "--server", address] + options,
                    variables: try variables())
                do {
                    let outcome = try await health.run(within: .seconds(3))
                    if outcome.succeeded { return .ready(address: address) }
                    // Behind the program's name.
                    let said = outcome.lastLines(1).first?.after(": ").map { ": \($0)" } ?? ""
                    return .notYet("listens but is not ready\(said)")
                } catch is LocalBankError {
                    return .notYet("listens but does not say how it is")
                }
            })
    }

    /// The variables of the caller, and the database only for a process that connects to it.
    func variables(
        _ database: Database? = nil, role: String = "", _ state: BankState = BankState(),
        user: ProcessUser? = nil
    ) throws(LocalBankError) -> Variables {
        var variables = Variables.own()
        // The PG… variables of libpq are the user's, for the user's own database only; and so is what says how
        // the one for people logs in there.
        if database == nil || database?.own != nil {
            variables.removeAll(withPrefix: "PG")
            variables.removeAll(withPrefix: "IDENTITY_DATABASE_")
        }
        variables.removeAll(withPrefix: "DATABASE_")
        // It may name another database.
        variables.removeAll(withPrefix: "BALANCE_SERVICE_SETTINGS")
        // Its people have passwords of their own, which it keeps.
        variables.removeAll(withPrefix: "DEMO_PASSWORD")
        // Its hop 1 is plain HTTP, on loopback.
        variables.removeAll(withPrefix: "BANK_SERVER_TLS_")
        user?.adapt(&variables)
        variables["DATABASE_URL"] = try database?.url(role: role, state)
        if let own = database?.own {
            variables["IDENTITY_DATABASE_URL"] = own.url(role: Self.identityRole)
        }
        return variables
    }

    /// - Returns: nil until the file holds a whole line.
    static func address(inReadyFile path: String) -> String? {
        // Of another user, when root runs this: no link of theirs is followed, nor a pipe waited for.
        guard let bytes = Files.bytes(of: path, flags: O_NOFOLLOW | O_NONBLOCK, limit: 256),
            bytes.last == UInt8(ascii: "\n")
        else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmed
    }
}

/// Where a bank's money is.
enum Database: Sendable {
    case own(PrivatePostgres)
    /// Nil: the address is not known any more.
    case elsewhere(DatabaseAddress?)

    var own: PrivatePostgres? {
        if case .own(let postgres) = self { postgres } else { nil }
    }

    /// What a process connects with.
    ///
    /// - Throws: `LocalBankError.Code.databaseNeeded`.
    func url(role: String, _ state: BankState) throws(LocalBankError) -> String {
        switch self {
        case .own(let postgres): return postgres.url(role: role)
        case .elsewhere(let address?): return address.url
        case .elsewhere(nil):
            let shown = state.externalDatabase ?? ""
            throw LocalBankError(
                .databaseNeeded, "a part that uses the database \(shown) has to be started",
                advice: "give its address again with --database: its password is not kept")
        }
    }
}
