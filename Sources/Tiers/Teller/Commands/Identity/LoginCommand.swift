import ArgumentParser
import BankAPI
import BankClient
import Chain
import Ledger
import LocalBank

/// `teller login`.
struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Sign in to a bank.",
        discussion: """
            The password is asked for on the terminal, or is a line of standard input. At the bank of \
            'teller up', those of the demo's people are read from the file that it made. The session is \
            kept for this bank's address until it ends, in XDG_STATE_HOME/teller/sessions.json or \
            else ~/.local/state/teller/sessions.json, which only you can read. The commands that ask \
            this bank use it. One that was kept before is ended. TELLER_TOKEN, where it is set, counts \
            before it.
            """)

    @Argument(help: ArgumentHelp("The user's name.", valueName: "name"))
    var user: String

    @OptionGroup var password: PasswordOptions

    @OptionGroup var bank: BankOptions

    func run() async throws {
        guard let store = SessionStore.standard() else {
            throw TellerError(
                .cannotCreate, "there is no place for the session: HOME is not set",
                advice: "set XDG_STATE_HOME to a folder that you can write to")
        }
        let client = try bank.clientForPassword()
        // First, so that nobody types a password for what cannot be kept, or a bank that is not there.
        _ = try store.session(at: client.address)
        let found = try await asking(await client.bank())
        let name = BankName(bank: found.bank, server: client.address.description)
        let opened = try await signIn(client, at: name)
        let session = KeptSession(
            server: name.server, bank: found.bank, ledger: found.ledger, user: opened.me.user,
            id: opened.me.session.id, token: opened.token,
            expiresAt: opened.me.session.expiresAt)
        try await keep(session, in: store, client)
        let me = opened.me.session
        let idle = (me.idleAt.microseconds &- me.lastUsedAt.microseconds) / 60_000_000
        try StandardStreams.write(
            "Signed in as \(opened.me.user.printable) at \(name.text), until "
                + "\(me.expiresAt.forPeople), or until it is not used for \(idle) minutes.\n")
        if (try? bank.connection(isForWrites: true).session) == nil {
            StandardStreams.complain("TELLER_TOKEN is set, and counts before this session.")
        }
    }

    /// Leaves one session open: the new one where it is kept, else the earlier one.
    private func keep(
        _ session: KeptSession, in store: SessionStore, _ client: BankClient
    ) async throws(TellerError) {
        do throws(TellerError) {
            let earlier = try store.keep(session)
            // Of another ledger it is another bank's, which is not there.
            guard let earlier, earlier.ledger == session.ledger else { return }
            _ = await Self.end(earlier, client)
        } catch {
            let isEnded = await Self.end(session, client)
            throw error.advising(isEnded ? "the new session is ended" : "the new session is open")
        }
    }

    private static func end(_ session: KeptSession, _ client: BankClient) async -> Bool {
        var client = client.restarted()
        client.token = session.token
        return (try? await client.end(.current)) != nil
    }

    /// By what `up` keeps of the demo's people, at this machine's own bank and for whoever may read it; else,
    /// and when she has changed it, by what is typed.
    private func signIn(
        _ client: BankClient, at bank: BankName
    ) async throws(TellerError) -> OpenedSession {
        if client.address.source == .localBank, !password.passwordStdin,
            let kept = LocalBank().demoPassword(of: user)
        {
            let file = LocalBank().home.demoUsersFile
            do throws(TellerError) {
                let opened = try await logIn(client, Secret(kept))
                StandardStreams.complain("The password is the one in \(file).")
                return opened
            } catch {
                guard error.status == .noPermission else { throw error }
                StandardStreams.complain("The password is not the one in \(file) any more.")
            }
        }
        return try await logIn(
            client, try await password.one("Password of \(user) at \(bank.text): "))
    }

    private func logIn(
        _ client: BankClient, _ password: Secret
    ) async throws(TellerError) -> OpenedSession {
        do throws(TellerError) {
            return try await asking(
                await client.restarted().logIn(
                    LogIn(
                        user: user, password: password,
                        client: try? ShortText("teller \(TellerCommand.version)"))),
                elseUnknown: "sign in again")
        } catch {
            throw error.status == .noPermission
                ? error.changed { $0.advice = "check the name and the password, and try again" }
                : error
        }
    }
}

/// `teller logout`.
struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Sign out of a bank.")

    @Flag(help: "End all of your sessions at this bank, also those on other machines.")
    var everywhere = false

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let (client, session) = try bank.connection(isForWrites: true)
        guard client.token != nil else {
            return try StandardStreams.write("Not signed in at \(client.address).\n")
        }
        // Here first: whatever the bank answers, nobody goes on with it on this machine.
        if let session { try SessionStore.standard()?.forget(session) }
        let ended: Int
        do throws(TellerError) {
            ended = try await asking(await client.end(everywhere ? .all : .current))
        } catch {
            if error.code == ProblemCode.unauthenticated.rawValue, !everywhere {
                return try StandardStreams.write(
                    "The session at \(client.address) had ended before.\n")
            }
            throw session == nil
                ? error
                : error.said(
                    after: "this machine forgot the session, but the bank did not end it: ")
        }
        let others = everywhere && ended != 1 ? ", \(ended) sessions" : ""
        try StandardStreams.write("Signed out at \(client.address)\(others).\n")
    }
}

/// `teller passwd`.
struct PasswdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "passwd",
        abstract: "Change your password at a bank, which ends your other sessions there.",
        discussion: "With --password-stdin the old one is the first line, the new one the second.")

    @OptionGroup var password: PasswordOptions

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let (client, session) = try bank.connection(isForWrites: true)
        async let found = asking(await client.signedOut.bank())
        async let asker = asking(await client.me())
        // The bank first: another one gets no password.
        try session?.check(try await found, at: client.address)
        let me = try await asker
        let (old, new) = try await password.change(of: me.user)
        let ended = try await asking(
            await client.restarted().change(ChangePassword(oldPassword: old, newPassword: new)),
            elseUnknown: "sign in with the new password, or else with the old one")
        try StandardStreams.write(
            "The password of \(me.user.printable) is changed; other sessions ended: \(ended).\n")
    }
}

/// How a password is given.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from standard input, a line.")
    var passwordStdin = false

    func one(_ prompt: String) async throws(TellerError) -> Secret {
        passwordStdin
            ? try await PasswordInput.lines(1)[0] : try await PasswordInput.ask(prompt)
    }

    func change(of user: String) async throws(TellerError) -> (old: Secret, new: Secret) {
        if passwordStdin {
            let lines = try await PasswordInput.lines(2)
            return (lines[0], lines[1])
        }
        let old = try await PasswordInput.ask("Password of \(user): ")
        let new = try await PasswordInput.ask("New password: ")
        guard try await PasswordInput.ask("The new password again: ") == new else {
            throw TellerError(
                .dataError, "the new passwords differ", advice: "nothing was sent; try again")
        }
        return (old, new)
    }
}
