import Synchronization
import TestSupport
import Testing

@testable import LocalBank

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Executables that keep the tiers' contract and misbehave when told to.
struct StandIns {
    enum Fault: String {
        case dies, unready, silent, stubborn, refuses, denies, recovers, taken
    }

    let folder: String

    init(in parent: String) throws {
        folder = "\(parent)/bin"
        try Folders.make(folder, mode: 0o755)
        for name in ["balance-service", "bank-server"] {
            try link(name)
        }
    }

    /// A link, not a copy: Linux does not run a file that a child between fork and exec, of a test
    /// beside this one, still holds open for writing.
    func link(_ name: String) throws {
        try #require(symlink("\(Host.parent(of: #filePath))/stand-in.py", "\(folder)/\(name)") == 0)
    }

    /// - Parameter words: what the server is made to say.
    func set(_ fault: Fault, _ tier: Tier, says words: String = "") throws {
        try Files.replace(
            "\(folder)/\(tier.rawValue).\(fault.rawValue)", with: words, mode: 0o644)
    }

    func clear(_ fault: Fault, _ tier: Tier) throws {
        try Folders.removeAll("\(folder)/\(tier.rawValue).\(fault.rawValue)")
    }

    /// What they have done, in order.
    var events: [String] {
        (Files.text(of: "\(folder)/events") ?? "").split(separator: "\n").map(String.init)
    }
}

/// A bank of stand-ins in a folder of its own, and the end of both.
struct Fixture {
    static let password = "s3cret-pass"
    static let externalURL = "postgresql://ann:\(password)@db.invalid/bank"

    let folder: String
    let bank: LocalBank
    let standIns: StandIns
    let steps = Steps()

    /// No database is contacted: the stand-ins do not use it.
    var external: UpOptions {
        UpOptions(port: 0, databaseURL: Self.externalURL, readyTimeout: .seconds(90))
    }

    static func with(
        homeName: String = "home", tierUser: String? = nil, _ body: (Fixture) async throws -> Void
    ) async throws {
        // Not the user's own folder for temporary files: PostgreSQL's user has to reach it.
        var template = Array("/tmp/teller-test-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let folder = String(cString: made)
        chmod(folder, 0o711)
        let home = BankHome(path: "\(folder)/\(homeName)")
        let script = "kill -QUIT $(head -n 1 \"$2/postmaster.pid\"); rm -rf \"$1\""
        let guardian = try Guardian(script, [folder, home.dataFolder])
        defer { guardian.release() }
        // The stand-ins live as long as somebody has it open for writing.
        let life = "\(folder)/life"
        try #require(mkfifo(life, 0o644) == 0 && chmod(life, 0o644) == 0)
        let lifeEnd = open(life, O_RDWR | O_CLOEXEC)
        defer { close(lifeEnd) }
        let standIns = try StandIns(in: folder)
        let bank = LocalBank(
            home: home, programFolders: [standIns.folder], tierUserName: tierUser)
        let fixture = Fixture(folder: folder, bank: bank, standIns: standIns)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(fixture))
        } catch {
            result = .failure(error)
        }
        if case .failure(let error as LocalBankError) = result {
            Issue.record("\(error) \(error.logTail)")
        }
        try await bank.down(purge: true)
        try Folders.removeAll(folder)
        try result.get()
    }

    func up(_ options: UpOptions) async throws -> RunningBank {
        try await bank.up(options) { [steps] in steps.append($0) }
    }

    func failure(_ options: UpOptions) async -> LocalBankError? {
        await #expect(throws: LocalBankError.self) { try await up(options) }
    }

    /// A busy machine may have no time for a process's answer.
    func waitForStates(_ states: [ProcessStatus.State]) async throws {
        try await eventually { try await bank.status().map(\.state) == states }
    }

    func state() throws -> BankState { try #require(try BankState.load(bank.home)) }

    /// Ends one process by its own ladder of signals.
    @discardableResult
    func end(_ part: Part) async throws -> Step.Stop? {
        let process = try #require(state()[part])
        return try await Supervisor(bank.home, bank.allProcesses).end([process]).first?.stop
    }
}

/// Steps as they were reported.
final class Steps: Sendable {
    private let list = Mutex<[Step]>([])
    func append(_ step: Step) { list.withLock { $0.append(step) } }
    var all: [Step] { list.withLock { $0 } }
    /// What the server that was waited for said.
    var waits: [String] {
        all.compactMap { if case .waiting(_, let words) = $0 { words } else { nil } }
    }
}
