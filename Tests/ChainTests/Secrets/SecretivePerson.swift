import BankAPI
import Certificates
import Chain
import Foundation
import TestSupport
import Testing

/// Signs in, pays, mistypes and is refused in every way, and keeps what is secret and what she was told.
struct SecretivePerson {
    private static let wrong = "a wrong Passwort, typed 4711"
    private static let new = "the new Passwort, planted 4712"
    private static let malformed = "planted-malformed-token-4713"

    let chain: ChainHarness
    /// Hop 1 by TLS, beside the one of the chain.
    let front: ChainHarness.Tier
    private(set) var secrets: [PlantedSecret]
    var written = WrittenTexts()
    private(set) var token: SessionToken
    private var password: String
    private let operatorToken: SessionToken
    private let authorities: String

    init(_ chain: ChainHarness) async throws {
        self.chain = chain
        let passwords = try await chain.makePeople()
        secrets = passwords.map { PlantedSecret("the password of \($0.key)", $0.value) }
        password = try #require(passwords["alice"])
        operatorToken = try await chain.logIn("operator", try #require(passwords["operator"])).token
        token = try await chain.logIn("alice", password).token
        let own = try TestCertificates(in: "\(chain.folder)/front")
        let files = try own.make(
            for: .init(server: "bank-server", hosts: ["localhost"], isOnLoopback: true), in: "hop-1"
        )
        authorities = files.authorities
        front = try await ChainHarness.start(
            [
                Executables.bankServer, "serve", "--listen", "127.0.0.1:0", "--certificates",
                ChainHarness.certificates(in: chain.folder, of: .bankServer).path,
                "--balance-service", "\(chain.services[0].address)",
                "--tls-certificate", files.certificate, "--tls-key", files.key,
            ], chain.folder, "front", environment: ["LOG_LEVEL": "trace"])
        for (name, password) in [("wrong", Self.wrong), ("new", Self.new)] {
            secrets.append(PlantedSecret("the \(name) password", password))
        }
        secrets.append(PlantedSecret("the malformed token", Self.malformed))
        for tier in [TierName.bankServer, .balanceService] {
            let key = try ChainHarness.certificates(in: chain.folder, of: tier).key
            secrets.append(
                .init("the key of \(tier)", pem: try String(contentsOfFile: key, encoding: .utf8)))
        }
        secrets.append(
            .init("the key of hop 1", pem: try String(contentsOfFile: files.key, encoding: .utf8)))
        keep(operatorToken, "the operator's token")
        keep(token, "alice's first token")
    }

    private mutating func keep(_ token: SessionToken, _ name: String) {
        secrets.append(
            PlantedSecret(
                name, [token.secret.text, String(token.secret.text.dropFirst(4))],
                bytes: Data(token.bytes)))
    }

    var sessionsFile: String { "\(chain.folder)/state/teller/sessions.json" }

    var keptSession: String {
        (try? String(contentsOfFile: sessionsFile, encoding: .utf8)) ?? ""
    }

    /// As the database keeps it.
    var hashOfToken: String {
        get async throws {
            let hexadecimal = token.bytes.map { String(format: "%02x", $0) }.joined()
            return try await TestPostgres.psql(
                chain.database, "SELECT encode(sha256(decode('\(hexadecimal)', 'hex')), 'hex')")
        }
    }

    // MARK: What she does

    mutating func signsInAndPays(_ amount: String) async throws {
        #expect(try await teller("login", "alice", "--password-stdin", input: Self.wrong) != 0)
        try await succeeds("login", "alice", "--password-stdin", input: password)
        try await succeeds("passwd", "--password-stdin", input: "\(password)\n\(Self.new)")
        password = Self.new
        try await succeeds("login", "alice", "--password-stdin", input: password)
        let kept = try #require(keptSession.firstMatch(of: #/tlr_[\w-]{43}/#)?.output)
        token = try #require(SessionToken(kept))
        keep(token, "alice's token")
        try await succeeds("whoami")
        try await succeeds("sessions")
        let (mine, hers) = (try account(17), try account(18))
        try await succeeds("balance", mine, "--explain")
        try await deposit(amount)
        try await succeeds("transfer", amount, mine, hers, "--memo", "planted")
        try await succeeds("statement", mine)
        #expect(try await teller("transfer", amount, mine, hers) != 0)

        // New passwords are in the answers to whoever made them, and nowhere else.
        for (path, body) in [
            (BankRoute.users, AddUser(user: "zoe", rights: .customer) as any Encodable),
            (BankRoute.reset("zoe"), UserAct()),
        ] {
            let made: NewPassword = try await chain.ask("POST", path, body, token: operatorToken)
            secrets.append(PlantedSecret("a password of zoe", made.password.text))
        }
    }

    /// What no bank does.
    mutating func isRefused() async throws {
        let text = token.secret.text
        let basic = Data("alice:\(password)".utf8).base64EncodedString()
        for authorization in [
            "Bearer \(text)x", "Bearer \(text.dropLast())", "Bearer  \(text)", text,
            "Basic \(basic)",
            "Bearer \(password)", "Bearer \(Self.malformed)", "Bearer \(text), \(text)",
        ] {
            try await refused("GET", BankRoute.me, authorization: authorization)
        }
        for path in [
            "/v1/sessions/\(text)", "/v1/\(text)", "/v1/transfers/\(text)",
            "/v1/users/\(text)/reset",
        ] {
            try await refused("GET", path, authorization: "Bearer \(text)")
        }
        let typed = password
        for body in [
            #"{"user":"alice","password":"\#(typed)""#,
            #"{"user":"alice","password":["\#(typed)"]}"#,
            #"{"user":"alice","password":"\#(typed)","client":5}"#,
            #"{"user":5,"password":"\#(typed)","client":"x"}"#,
            #"{"user":"alice","password":"\#(typed)","password":"\#(typed)","client":"x"}"#,
            #"{"user":"alice","password":"\#(Self.wrong)","client":"x"}"#,
            #"{"user":"nobody","password":"\#(typed)","client":"x"}"#, #"["\#(typed)"]"#,
        ] {
            try await refused("POST", BankRoute.sessions, body)
        }
        for new in ["short", "password", Self.wrong + String(repeating: "x", count: 2000)] {
            let body = #"{"old_password":"\#(Self.wrong)","new_password":"\#(new)"}"#
            try await refused("PUT", BankRoute.password, body, authorization: token.authorization)
        }
    }

    /// What fails in PostgreSQL, which then quotes rows.
    mutating func isFailed(_ amount: String) async throws {
        for (table, words, input) in [
            ("identity.sessions", ["login", "alice", "--password-stdin"], password),
            ("identity.people", ["passwd", "--password-stdin"], "\(password)\n\(Self.new) 2"),
            ("teller.transfers", ["transfer", amount, try account(17), try account(18)], ""),
        ] {
            let change = "ALTER TABLE \(table)"
            try await TestPostgres.psql(
                chain.database, "\(change) ADD CONSTRAINT planted CHECK (false) NOT VALID")
            #expect(try await teller(words, input: input) != 0)
            try await TestPostgres.psql(chain.database, "\(change) DROP CONSTRAINT planted")
        }
    }

    /// While nobody is behind; and what a process is started with is no secret of these.
    mutating func tiersEnd() async throws {
        for tier in [chain.bank, front, chain.services[0]] {
            for file in ["cmdline", "environ"] {
                let data = FileManager.default.contents(atPath: "/proc/\(tier.process.pid)/\(file)")
                written.add(
                    "\(file) of \(tier.address)", String(decoding: data ?? Data(), as: UTF8.self))
            }
        }
        chain.services[0].process.stop()
        #expect(try await teller("login", "alice", "--password-stdin", input: password) != 0)
        try await refused("GET", BankRoute.me, authorization: token.authorization)
        for tier in [chain.bank, front] {
            tier.process.send(SIGTERM)
            _ = try await tier.process.waitForExit(within: .seconds(30))
        }
    }

    // MARK: Asking

    private func deposit(_ amount: String) async throws {
        let number = try account(17)
        let body = """
            {"id":"\(UUID().uuidString.lowercased())","kind":"deposit","amount":"\(amount)",\
            "currency":"USD","credit_account":"\(number)"}
            """
        let answer = try await chain.answer(
            "POST", BankRoute.transfers, Array(body.utf8),
            authorization: operatorToken.authorization)
        #expect(answer.status == 200, "\(answer.body)")
    }

    private mutating func refused(
        _ method: String, _ path: String, _ body: String = "", authorization: String? = nil
    ) async throws {
        let answer = try await chain.answer(
            method, path, Array(body.utf8), authorization: authorization)
        #expect(answer.status >= 400, "\(path) \(body)")
        written.add(
            "the answer \(answer.status) to \(method) \(path)", "\(answer.headers)\n\(answer.body)")
    }

    private mutating func succeeds(_ words: String..., input: String = "") async throws {
        #expect(
            try await teller(words, input: input) == 0,
            "\(words): \(written.texts.last?.text ?? "")")
    }

    private mutating func teller(_ words: String..., input: String = "") async throws -> Int32? {
        try await teller(words, input: input)
    }

    private mutating func teller(_ words: [String], input: String) async throws -> Int32? {
        let file = "\(chain.folder)/typed"
        try "\(input)\n".write(toFile: file, atomically: true, encoding: .utf8)
        let (status, output) = try await Executables.run(
            ["sh", "-c", #"exec "$@" <"$0""#, file, Executables.teller] + words
                + ["--server", "https://localhost:\(front.address.port)"],
            environment: [
                "TELLER_CA": authorities, "XDG_STATE_HOME": "\(chain.folder)/state",
                "PATH": "/usr/bin:/bin",
            ])
        written.add("what teller \(words.joined(separator: " ")) said", output)
        return status
    }
}
