import BankAPI
import Chain
import Ledger
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A session of the client, kept and sent by real processes.
@Suite(.timeLimit(.minutes(10))) struct LoginTests {
    private let balance = ["balance", FakeBank.alice]

    @Test func aSessionIsKeptSentAndEnded() async throws {
        try await Home.with { home in
            #expect(try await home.teller("whoami").status == 77)
            let login = try await home.login()
            #expect(login.status == 0, "\(login.errors)")
            #expect(
                login.output.hasPrefix("Signed in as alice at DEMO at \(home.bank.url), until "))
            #expect(home.mode("teller/sessions.json") == 0o600)
            #expect(home.mode("teller") == 0o700)
            let whoami = try await home.teller("whoami")
            #expect(
                whoami.output.hasPrefix("alice, customer\n  bank      DEMO at \(home.bank.url)\n"))
            #expect(try await home.teller(balance).status == 0)
            let token = try FakeIdentity.token(1)
            #expect(home.bank.requests.last?.headers["authorization"] == token.authorization)
            let sessions = try await home.teller("sessions")
            #expect(
                sessions.output.contains("*   01970000-0000-7000-8000-000000000001   2027-01-15"))
            let logout = try await home.teller("logout")
            #expect(logout.output == "Signed out at \(home.bank.url).\n", "\(logout.errors)")
            #expect(home.identity.open == 0)
            #expect(try await home.teller(balance).status == 0)
            #expect(home.bank.requests.last?.headers["authorization"] == nil)
            #expect(try await home.teller("logout").output.hasPrefix("Not signed in"))
            for text in [login, whoami, sessions, logout].flatMap({ [$0.output, $0.errors] }) {
                #expect(!text.contains(token.secret.text) && !text.contains(FakeIdentity.password))
            }
        }
    }

    @Test func aTokenGoesToNoOtherBank() async throws {
        try await Home.with { home in
            _ = try await home.login()
            try await FakeBank.serving(FakeBank.balances) { other in
                let teller = try await home.teller(balance + ["--server", other.url])
                #expect(teller.status == 0, "\(teller.errors)")
                #expect(other.requests.count == 1)
                #expect(other.requests.allSatisfy { $0.headers["authorization"] == nil })
            }
        }
    }

    @Test func aSessionOfAnotherLedgerSendsNothing() async throws {
        try await Home.with { home in
            _ = try await home.login()
            home.identity.replaceLedger()
            let teller = try await home.teller("close", FakeBank.alice)
            teller.expectFailure(
                77, saying: "the session is of another ledger", "teller login", "nothing was sent")
            #expect(!home.bank.requests.contains { $0.path.hasSuffix("/close") })
            let passwd = try await home.shell("echo | \"$teller\" passwd --password-stdin")
            passwd.expectFailure(77, saying: "the session is of another ledger")
            #expect(!home.bank.requests.contains { $0.method == "PUT" })
        }
    }

    @Test func aLoginEndsTheEarlierSession() async throws {
        try await Home.with { home in
            _ = try await home.login()
            _ = try await home.login()
            #expect(home.identity.open == 1)
            #expect(try await home.teller("whoami").status == 0)
            // At another ledger it is nobody's: it gets none of its tokens.
            home.identity.replaceLedger()
            let count = home.bank.requests.count { $0.method == "DELETE" }
            #expect(try await home.login().status == 0)
            #expect(home.bank.requests.count { $0.method == "DELETE" } == count)
        }
    }

    @Test func aSessionThatCannotBeKeptIsEnded() async throws {
        try await Home.with { home in
            // A folder in the place of the new file.
            let beside = "\(home.state)/teller/sessions.json.new/x"
            try FileManager.default.createDirectory(
                atPath: beside, withIntermediateDirectories: true)
            chmod("\(home.state)/teller", 0o700)
            let login = try await home.login()
            login.expectFailure(
                73, saying: "the file of sessions", "cannot be used", "the new session is ended")
            #expect(home.bank.requests.last?.method == "DELETE")
            #expect(home.identity.open == 0)
        }
    }

    @Test func aSessionThatIsEndedByItsIdIsForgotten() async throws {
        try await Home.with { home in
            _ = try await home.login()
            let mine = "01970000-0000-7000-8000-000000000001"
            let other = "01970000-0000-7000-8000-000000000002"
            #expect(try await home.teller("sessions", "--end", other).status == 0)
            #expect(try await home.teller("whoami").status == 0)
            let ended = try await home.teller("sessions", "--end", mine)
            #expect(ended.output == "Session \(mine) is ended.\n", "\(ended.errors)")
            try await home.teller("whoami").expectFailure(
                77, saying: "nobody is signed in at \(home.bank.url)", "teller login NAME")
        }
    }

    /// Nothing is sent, not even a question which bank it is.
    @Test func nothingSecretGoesInPlainTextOverANetwork() async throws {
        try await Home.with { home in
            // TEST-NET-1 of RFC 5737: nobody is there.
            let away = ["--server", "http://192.0.2.1:8080", "--timeout", "5s"]
            let token = ["TELLER_TOKEN": try FakeIdentity.token(1).secret.text]
            try await home.teller(balance + away, token).expectFailure(
                64, saying: "http://192.0.2.1:8080 is plain HTTP", "could read a session's token",
                "--ca", "nothing was sent")
            try await home.teller(["login", "alice"] + away, [:]).expectFailure(
                64, saying: "could read a password", "nothing was sent")
        }
    }

    @Test func aWrongPasswordKeepsNothing() async throws {
        try await Home.with { home in
            let teller = try await home.login("wrong")
            teller.expectFailure(
                77, saying: "the name or the password is wrong", "check the name and the password")
            #expect(home.mode("teller/sessions.json") == nil)
            try await home.login("").expectFailure(65, saying: "the password is empty")
        }
    }

    @Test func aFileThatOthersCanReadIsRefused() async throws {
        try await Home.with { home in
            _ = try await home.login()
            let path = "\(home.state)/teller/sessions.json"
            let count = home.bank.requests.count
            chmod(path, 0o640)
            try await home.teller(balance).expectFailure(
                78, saying: "can be read by others", "chmod 600 \(path)")
            chmod(path, 0o600)
            chmod("\(home.state)/teller", 0o770)
            try await home.teller(balance).expectFailure(
                78, saying: "in a folder that others can write to", "chmod 700")
            chmod("\(home.state)/teller", 0o700)
            try FileManager.default.moveItem(atPath: path, toPath: "\(path).moved")
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: "\(path).moved")
            try await home.teller(balance).expectFailure(78, saying: "is not a file")
            #expect(home.bank.requests.count == count)
        }
    }

    @Test func aTokenOfTheEnvironmentCountsFirst() async throws {
        try await Home.with { home in
            let first = try home.identity.signIn().secret.text
            let login = try await home.shell(
                "printf '%s\\n' '\(FakeIdentity.password)' | TELLER_TOKEN=\(first) \"$teller\" login "
                    + "alice --password-stdin")
            #expect(login.errors == "TELLER_TOKEN is set, and counts before this session.\n")
            #expect(home.identity.open == 2)
            let given = try await home.teller(["logout"], ["TELLER_TOKEN": first])
            #expect(given.status == 0, "\(given.errors)")
            #expect(home.identity.open == 1)
            #expect(try await home.teller("whoami").status == 0)
            let wrong = try await home.teller(balance, ["TELLER_TOKEN": first + "x"])
            wrong.expectFailure(64, saying: "TELLER_TOKEN: this is not the token of a session")
            #expect(!wrong.errors.contains(first))
        }
    }

    @Test func allSessionsEnd() async throws {
        try await Home.with { home in
            _ = try home.identity.signIn()
            _ = try await home.login()
            let teller = try await home.teller("logout", "--everywhere")
            #expect(teller.output == "Signed out at \(home.bank.url), 2 sessions.\n")
            #expect(home.identity.open == 0)
        }
    }

    @Test func aPasswordIsChanged() async throws {
        try await Home.with { home in
            _ = try await home.login()
            let teller = try await home.shell(
                "printf '%s\\n' '\(FakeIdentity.password)' ' a new one ' "
                    + "| \"$teller\" passwd --password-stdin")
            #expect(
                teller.output == "The password of alice is changed; other sessions ended: 2.\n",
                "\(teller.errors)")
            #expect(home.identity.password == " a new one ")
        }
    }

    @Test func anOperatorReadsTheSecurityLog() async throws {
        try await Home.with { home in
            _ = try await home.login()
            let log = try await home.teller("security-log")
            #expect(log.output.hasPrefix("AT (UTC)"), "\(log.errors)")
            #expect(log.output.contains("login_refused   alice"), "\(log.output)")
            #expect(log.output.contains("There are older ones: --limit"))
            let all = try await home.teller("security-log", "--output", "json")
            #expect(all.output.matches(of: /"number":/).count == 700, "\(all.errors)")
            let some = try await home.teller("security-log", "--limit", "501", "--output", "json")
            #expect(some.output.matches(of: /"number":/).count == 501)
            try await home.teller("security-log", "--limit", "0").expectFailure(
                64, saying: "--limit: 1 to")
        }
    }

    @Test func anOperatorAddsAndDisables() async throws {
        try await Home.with { home in
            _ = try await home.login()
            let added = try await home.teller("user", "add", "bob", "--operator")
            #expect(added.output.hasPrefix("Added bob\n  rights     operator\n"), "\(added.errors)")
            #expect(added.output.contains("  password   xyzzy-plugh\n"))
            let disabled = try await home.teller("user", "disable", "bob")
            #expect(disabled.output == "Disabled bob; sessions ended: 3.\n")
            let reset = try await home.teller("user", "reset", "carol")
            reset.expectFailure(77, saying: "it is so")
            let wrong = try await home.teller("user", "disable", "../me")
            wrong.expectFailure(64, saying: "a user's name has")
        }
    }

    #if os(Linux)
    /// The password is typed once it is asked for.
    @Test func aPasswordIsNotEchoed() async throws {
        try await Home.with { home in
            let teller = try await home.typing(
                "\(FakeIdentity.password)\\n", at: "Password of alice")
            #expect(teller.output.contains("Signed in as alice"), "\(teller)")
            #expect(!teller.output.contains("horse"))
            #expect(home.identity.open == 1)
        }
    }

    @Test func anInterruptedPromptLeavesTheTerminalAsItWas() async throws {
        try await Home.with { home in
            let teller = try await home.typing("hor\\003", at: "Password of alice")
            #expect(teller.output.contains("interrupted; nothing was sent"), "\(teller)")
            #expect(teller.output.contains("status 130"))
            #expect(teller.output.contains(" echo "))
            #expect(!teller.output.contains("hor"))
            #expect(home.bank.requests.allSatisfy { $0.method == "GET" })
        }
    }
    #endif

    @Test func withoutATerminalTheCureIsSaid() async throws {
        try await Home.with { home in
            let teller = try await home.shell("setsid \"$teller\" login alice </dev/null")
            teller.expectFailure(64, saying: "no terminal", "--password-stdin")
        }
    }
}

/// A state folder of a test's own, and a bank that knows alice.
private struct Home {
    let state: String
    let identity: FakeIdentity
    let bank: FakeBank

    static func with(_ body: (Home) async throws -> Void) async throws {
        let identity = FakeIdentity()
        try await WriteTestHome.with { home in
            try await FakeBank.serving(identity.behave) { bank in
                try await body(Home(state: home.state, identity: identity, bank: bank))
            }
        }
    }

    func teller(_ arguments: String...) async throws -> TellerProcess {
        try await teller(arguments)
    }

    func teller(
        _ arguments: [String], _ variables: [String: String] = [:]
    ) async throws -> TellerProcess {
        try await TellerProcess.run(
            arguments, server: bank.url,
            environment: variables.merging(["XDG_STATE_HOME": state]) { $1 })
    }

    func shell(_ line: String) async throws -> TellerProcess {
        try await TellerProcess.shell(
            line, server: bank.url, environment: ["XDG_STATE_HOME": state])
    }

    func login(_ password: String = FakeIdentity.password) async throws -> TellerProcess {
        try await shell("printf '%s\\n' '\(password)' | \"$teller\" login alice --password-stdin")
    }

    /// Signs in at a terminal. Its output is all that the terminal shows, then how teller ended, and the
    /// terminal's settings.
    func typing(_ text: String, at prompt: String) async throws -> TellerProcess {
        try await shell(
            """
            cd "$XDG_STATE_HOME"
            { until grep -q '\(prompt)' shown 2>/dev/null; do sleep 0.02; done
              printf '\(text)'; until grep -q 'status' shown; do sleep 0.02; done; } \\
              | script -qfec 'trap : INT; $teller login alice; echo status $?; stty -a' shown \\
              >/dev/null
            cat shown
            """)
    }

    func mode(_ name: String) -> UInt32? {
        var info = stat()
        return stat("\(state)/\(name)", &info) == 0 ? UInt32(info.st_mode) & 0o777 : nil
    }
}
