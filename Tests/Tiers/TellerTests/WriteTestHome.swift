import BankAPI
import Ledger
import Testing

@testable import Teller

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

/// A state folder of a test's own, and a bank.
struct WriteTestHome: Sendable {
    let state: String
    let ledger: FakeLedger
    let bank: FakeBank

    var journalPath: String { "\(state)/teller/journal" }
    var journal: Journal { Journal(path: journalPath) }

    static func with<Value>(
        _ ledger: FakeLedger = FakeLedger(), _ body: (WriteTestHome) async throws -> Value
    ) async throws -> Value {
        let path = FileManager.default.temporaryDirectory.path
        var template = Array("\(path)/teller-journal-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { try? FileManager.default.removeItem(atPath: folder) }
        return try await FakeBank.serving(ledger.behave) { bank in
            try await body(WriteTestHome(state: folder, ledger: ledger, bank: bank))
        }
    }

    /// Keeps a session of somebody, as `teller login` does.
    func signIn(_ user: String) throws {
        try signIn(user, at: ledger.id, bank.url)
    }

    func signIn(_ user: String, at ledger: Identifier, _ server: String) throws {
        let session = KeptSession(
            server: server, bank: "DEMO", ledger: ledger, user: user,
            token: try FakeIdentity.token(9), expiresAt: Timestamp(microseconds: 0))
        _ = try SessionStore(path: "\(state)/teller/sessions.json").keep(session)
    }

    func teller(_ arguments: String...) async throws -> TellerProcess {
        try await teller(arguments)
    }

    func teller(_ arguments: [String]) async throws -> TellerProcess {
        try await TellerProcess.run(
            arguments, server: bank.url, environment: ["XDG_STATE_HOME": state])
    }

    func shell(_ line: String) async throws -> TellerProcess {
        try await TellerProcess.shell(
            line, server: bank.url, environment: ["XDG_STATE_HOME": state])
    }

    /// Leaves writes pending, done or not.
    func strand(isApplied: Bool = true, _ requests: [String]...) async throws {
        ledger.fail(
            .init(
                isApplied: isApplied,
                reply: .problem("504 Gateway Timeout", "outcome_unknown", tier: "postgresql")))
        for request in requests {
            let teller = try await TellerProcess.run(
                request + ["--timeout", "30s"], server: bank.url,
                environment: ["XDG_STATE_HOME": state])
            try #require(teller.status == 2, "\(teller.errors)")
        }
        ledger.fail(nil)
    }

    /// The bodies of the writes that arrived.
    var posts: [String] { bank.requests.filter { $0.method == "POST" }.map(\.body) }

    var lines: [String] {
        let text = (try? String(contentsOfFile: journalPath, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func writeJournal(_ text: String) throws {
        let folder = "\(state)/teller"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: journalPath))
    }

    /// Waits until something is so. The bound is there only so that a broken test ends: a busy machine
    /// takes long.
    func wait(
        until condition: () async throws -> Bool, location: SourceLocation = #_sourceLocation
    ) async throws {
        let end = ContinuousClock.now + .seconds(300)
        while try await !condition(), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
        let isSo = try await condition()
        try #require(isSo, sourceLocation: location)
    }
}
