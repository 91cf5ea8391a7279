import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(.timeLimit(.minutes(10))) struct CommandLineTests {
    private let alice = FakeBank.alice

    @Test func helpNamesTheCommands() async throws {
        let teller = try await TellerProcess.run("--help")
        #expect(teller.status == 0)
        #expect(teller.errors.isEmpty)
        for command in [
            "balance", "accounts", "open", "close", "deposit", "withdraw", "transfer", "hold",
            "post", "void", "reverse", "pending", "resume", "up", "status", "logs", "down",
        ] {
            #expect(teller.output.contains("  \(command)"))
            let help = try await TellerProcess.run("help", command)
            #expect(help.status == 0)
            #expect(help.output.contains("USAGE: teller \(command)"))
        }
        #expect(try await TellerProcess.run().output == teller.output)
    }

    @Test func helpListsTheExitCodes() async throws {
        let teller = try await TellerProcess.run("help", "exit-codes")
        #expect(teller.status == 0)
        #expect(teller.output.contains(" 69  EX_UNAVAILABLE  a tier cannot be reached"))
        let list = try await TellerProcess.run("exit-codes").output
        #expect(list.contains("  2  UNKNOWN         it may or may not be done: 'teller resume'"))
        #expect(list.contains(" 75  EX_TEMPFAIL"))
    }

    @Test func printsItsVersion() async throws {
        let teller = try await TellerProcess.run("--version")
        #expect(teller.output == "0.1.0\n")
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func makesCompletions(shell: String) async throws {
        let teller = try await TellerProcess.run("--generate-completion-script", shell)
        #expect(teller.status == 0)
        #expect(teller.output.contains("balance"))
    }

    @Test(arguments: [
        (["balanse"], "no command 'balanse'; did you mean 'balance'?"),
        (["help", "nosuch"], "no command 'nosuch'; see 'teller help'"),
        (["help", "acounts"], "did you mean 'accounts'?"),
        (["balance"], "missing expected argument"),
        (["balance", "x", "--outptu", "json"], "did you mean '--output'?"),
        (["balance", "x", "--output", "xml"], "'xml'"),
        (["transfer", "--form", "XB45", "25"], "unknown option '--form'"),
        (["hold", "25", "--expire", "1h"], "unknown option '--expire'; did you mean '--expires'?"),
        (["balance", "-q"], "unknown option '-q'"), (["up", "--port", "-1"], "a port is a number"),
        (["logs", "-n", "-3"], "a number from 0 is expected"),
        (["balance", "x", "--timeout", "0s"], "timeout of zero"),
        (["balance", "x", "--timeout", "-1s"], "--timeout"),
        (["balance", "x", "--timeout", "soon"], "500ms, 5s or 2m"),
        (["balance", "x", "--timeout", "9m"], "at most 5m"),
        (["balance", "x", "--server", "localhost"], "begins with http://"),
        (["balance", "x", "--server", "ftp://x"], "http:// or https:// only"),
        (["accounts", "extra"], "unexpected argument 'extra'"),
        (["up", "--copies", "0"], "--copies: from 1 to 10"),
        (["up", "--port", "65536"], "--port"), (["up", "--port", "x"], "'x'"),
        (["logs", "front"], "there are postgresql, balance-service, bank-server"),
    ])
    func refusesWhatItDoesNotTake(arguments: [String], words: String) async throws {
        let line = (["exec \"$teller\""] + arguments).joined(separator: " ")
        try await TellerProcess.shell(line).expectFailure(64, saying: words)
    }

    @Test func saysWhichVariableIsWrong() async throws {
        let teller = try await TellerProcess.run("accounts", server: "bank")
        teller.expectFailure(64, saying: "TELLER_SERVER: an address begins with")
    }

    @Test func neverRepeatsAPassword() async throws {
        let url = "http://me:hunter2@localhost"
        let flag = try await TellerProcess.run("accounts", "--server", url)
        flag.expectFailure(64, saying: "no password")
        #expect(!flag.errors.contains("hunter2"))
        let variable = try await TellerProcess.run("accounts", server: url)
        #expect(!variable.errors.contains("hunter2"))
    }

    @Test func takesTheFlagBeforeTheVariable() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, "--server", bank.url, server: "http://127.0.0.1:1")
            #expect(teller.status == 0)
        }
    }

    /// A flag over the environment over the file.
    @Test func aSettingsFileNamesTheBank() async throws {
        try await WriteTestHome.with { home in
            try await FakeBank.serving(FakeBank.balances) { bank in
                let path = "\(home.state)/settings"
                try Data("TELLER_SERVER=\(bank.url)\nTELLER_TIMEOUT=20s\n".utf8)
                    .write(to: URL(filePath: path))
                let given = ["TELLER_SETTINGS": path, "TELLER_TIMEOUT": ""]
                for arguments in [
                    ["--settings", path, "balance", alice], ["balance", alice],
                    ["balance", alice, "--timeout", "60s"],
                ] {
                    let teller = try await TellerProcess.run(
                        arguments, server: nil, environment: given)
                    #expect(teller.status == 0, "\(teller.errors)")
                }
                let seconds = bank.requests.compactMap { request in
                    request.headers["grpc-timeout"].flatMap { Int($0.dropLast()) }
                        .map { ($0 + 999_999) / 1_000_000 }
                }
                try #require(seconds.count == 3)
                #expect(seconds[0] <= 20 && seconds[1] <= 20 && seconds[2] > 20)
                let other = try await TellerProcess.run(
                    "balance", alice, server: "http://127.0.0.1:1", environment: given)
                #expect(other.status == 69)
            }
        }
    }

    @Test(arguments: [
        ("TELLER_SERVE=x", "line 1 of the settings file"),
        ("TELLER_TIMEOUT=7", "TELLER_TIMEOUT in line 1"),
    ])
    func saysWhichLineOfTheSettingsFileIsWrong(
        text: String, words: String
    ) async throws {
        try await WriteTestHome.with { home in
            let path = "\(home.state)/settings"
            try Data(text.utf8).write(to: URL(filePath: path))
            let teller = try await TellerProcess.run(
                "accounts", "--settings", path, environment: ["TELLER_TIMEOUT": ""])
            teller.expectFailure(78, saying: words, path)
            let missing = try await TellerProcess.run("accounts", "--settings", "\(path).no")
            missing.expectFailure(78, saying: "cannot be read")
        }
    }

    @Test func ignoresTheProxiesOfTheEnvironment() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.run(
                "balance", alice, server: bank.url,
                environment: [
                    "http_proxy": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1",
                ])
            #expect(teller.status == 0)
        }
    }

    @Test func isQuietWhenTheReaderHasGone() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.shell(
                "{ \"$teller\" balance \(alice); echo $? >&2; } | exec true", server: bank.url)
            #expect(teller.errors == "74\n" || teller.errors == "0\n")
            let help = try await TellerProcess.shell("\"$teller\" --help | exec true")
            #expect(help.errors.isEmpty)
        }
    }

    @Test(arguments: [">&-", ">/dev/full"])
    func saysThatItCannotWrite(redirection: String) async throws {
        #if !os(Linux)
        guard redirection == ">&-" else { return }
        #endif
        try await FakeBank.serving(FakeBank.balances) { bank in
            let teller = try await TellerProcess.shell(
                "exec \"$teller\" balance \(alice) \(redirection)", server: bank.url)
            teller.expectFailure(74, saying: "cannot write to standard output")
        }
    }

    #if os(Linux)
    @Test func coloursATerminalUnlessToldNot() async throws {
        try await FakeBank.serving(FakeBank.balances) { bank in
            for (variables, hasColour) in [
                (["TERM": "xterm"], true), (["TERM": "dumb"], false),
                (["TERM": "xterm", "NO_COLOR": "1"], false),
            ] {
                let teller = try await TellerProcess.shell(
                    "exec script -qec \"$teller balance \(alice) --explain\" /dev/null </dev/null",
                    server: bank.url, environment: variables)
                #expect(teller.output.contains("Alice"))
                #expect(teller.output.contains("\u{1B}[") == hasColour, "\(variables)")
            }
        }
    }
    #endif
}
