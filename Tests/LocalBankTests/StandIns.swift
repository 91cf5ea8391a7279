import Synchronization
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
        case dies, unready, silent, stubborn, refuses
    }

    static let script = #"""
        #!/usr/bin/env python3
        import os, signal, socket, subprocess, sys
        here, name = os.path.split(os.path.abspath(__file__))
        fault = lambda word: os.path.exists(f"{here}/{name}.{word}")
        args = sys.argv[1:]
        value = lambda flag: args[args.index(flag) + 1] if flag in args else None
        def note(*words):
            with open(f"{here}/events", "a") as events:
                events.write(" ".join(map(str, words)) + "\n")
        def fail(text):
            print(text, file=sys.stderr)
            sys.exit(1)
        if args[:1] == ["health"]:
            host, port = value("--server").rsplit(":", 1)
            try:
                with socket.create_connection((host, int(port)), 2) as connection:
                    connection.settimeout(2)
                    sys.exit(0 if connection.recv(16) == b"ready\n" else 1)
            except OSError as error:
                fail(error)
        if args[:1] == ["migrate"]:
            note("migrate", *args[1:])
            if fault("refuses"):
                fail("cannot connect to " + os.environ["DATABASE_URL"])
            if os.environ["DATABASE_URL"].startswith("postgresql:///"):
                sql = "DO $$ BEGIN CREATE ROLE teller_app LOGIN; " \
                    "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
                sys.exit(subprocess.run(
                    ["psql", "-Xq", "-d", os.environ["DATABASE_URL"], "-c", sql]).returncode)
            sys.exit(0)
        note("start", name)
        if fault("dies"):
            fail("\n".join(f"line {n}" for n in range(1, 13)) + "\nno room in the vault")
        def stop(*_):
            note("stop", name)
            if not fault("stubborn"):
                os._exit(0)
        signal.signal(signal.SIGTERM, stop)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        host, port = value("--listen").rsplit(":", 1)
        try:
            listener.bind((host, int(port)))
        except OSError as error:
            fail(f"cannot listen on {host}:{port}: {error}")
        listener.listen()
        print("listening", flush=True)
        if not fault("silent"):
            with open(value("--ready-file") + ".new", "w") as ready:
                ready.write("%s:%d\n" % listener.getsockname())
            os.rename(value("--ready-file") + ".new", value("--ready-file"))
        while True:
            connection, _ = listener.accept()
            connection.sendall(b"waiting\n" if fault("unready") else b"ready\n")
            connection.close()
        """#

    let folder: String

    init(in parent: String) throws {
        folder = "\(parent)/bin"
        try Folders.make(folder, mode: 0o755)
        for name in ["balance-service", "bank-server"] {
            try Files.replace(
                "\(folder)/\(name)", with: Array(Self.script.utf8), mode: 0o755)
        }
    }

    func set(_ fault: Fault, _ tier: Tier) throws {
        try Files.replace("\(folder)/\(tier.rawValue).\(fault.rawValue)", with: [], mode: 0o600)
    }

    func clear(_ fault: Fault, _ tier: Tier) throws {
        try Folders.removeAll("\(folder)/\(tier.rawValue).\(fault.rawValue)")
    }

    /// What they have done, in order.
    var events: [String] {
        (Files.readText("\(folder)/events") ?? "").split(separator: "\n").map(String.init)
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
        UpOptions(port: 0, databaseURL: Self.externalURL, readyTimeout: .seconds(30))
    }

    static func with(
        homeName: String = "home", _ body: (Fixture) async throws -> Void
    ) async throws {
        // Not the user's own folder for temporary files: PostgreSQL's user has to reach it.
        var template = Array("/tmp/teller-test-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        let folder = String(cString: made)
        chmod(folder, 0o711)
        let standIns = try StandIns(in: folder)
        let bank = LocalBank(
            home: BankHome(path: "\(folder)/\(homeName)"),
            executables: try TierExecutables(folders: [standIns.folder]))
        let fixture = Fixture(folder: folder, bank: bank, standIns: standIns)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(fixture))
        } catch {
            result = .failure(error)
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

    func state() throws -> BankState { try #require(try BankState.load(bank.home)) }
}

/// Steps as they were reported.
final class Steps: Sendable {
    private let list = Mutex<[Step]>([])
    func append(_ step: Step) { list.withLock { $0.append(step) } }
    var all: [Step] { list.withLock { $0 } }
}

/// Waits for a condition that comes about by itself.
func eventually(
    _ what: Comment, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record(what)
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
