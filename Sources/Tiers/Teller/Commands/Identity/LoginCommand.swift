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
            this bank use it. TELLER_TOKEN, where it is set, counts before it.
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
        let client = try bank.client(isForWrites: true, isSignedIn: false)
        // First, so that nobody types a password for a bank that is not there.
        let found = try await asking(await client.bank())
        let name = BankName(bank: found.bank, server: client.address.description)
        let kept = keptPassword(at: client.address)
        let password =
            if let kept { kept } else {
                try await self.password.one("Password of \(user) at \(name.text): ")
            }
        let opened: OpenedSession
        do throws(TellerError) {
            opened = try await asking(
                await client.restarted().logIn(
                    LogIn(
                        user: user, password: password,
                        client: try? ShortText("teller \(TellerCommand.version)"))))
        } catch {
            guard error.status == .noPermission else { throw error }
            throw error.changed {
                $0.advice =
                    kept == nil
                    ? "check the name and the password, and try again"
                    : "the password in \(demoUsersFile) has changed: give it by --password-stdin"
            }
        }
        try store.keep(
            KeptSession(
                server: name.server, bank: found.bank, ledger: found.ledger,
                user: opened.me.user, token: opened.token, expiresAt: opened.me.session.expiresAt))
        try StandardStreams.write(
            "Signed in as \(opened.me.user.printable) at \(name.text), until "
                + "\(opened.me.session.expiresAt.forPeople) at the latest.\n"
                + (kept == nil ? "" : "The password was read from \(demoUsersFile).\n"))
    }

    private var demoUsersFile: String { LocalBank().home.demoUsersFile }

    /// Of one of the demo's people, at this machine's own bank, for whoever may read it.
    private func keptPassword(at address: BankAddress) -> Secret? {
        guard address.source == .localBank, !password.passwordStdin else { return nil }
        return LocalBank().demoPassword(of: user).map { Secret($0) }
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
        let client = try bank.client(isForWrites: true)
        let me = try await asking(await client.me())
        let (old, new) = try await password.change(of: me.user)
        let ended = try await asking(
            await client.restarted().change(ChangePassword(oldPassword: old, newPassword: new)))
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
