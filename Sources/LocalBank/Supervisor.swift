/// Starts the processes of a list, and waits until they are ready.
///
/// What it starts is in the state file before anything else can go wrong, and has a mark among its
/// arguments besides: none is lost, whenever this process is killed.
struct Supervisor: Sendable {
    let home: BankHome
    /// In the order they start in.
    let list: [ProcessDescription]
    var readyTimeout = Duration.seconds(20)
    let report: @Sendable (Step) -> Void
    var state = BankState()
    /// In the order of their start.
    private(set) var started: [Part] = []

    init(
        _ home: BankHome, _ list: [ProcessDescription], state: BankState = BankState(),
        _ report: @escaping @Sendable (Step) -> Void = { _ in }
    ) {
        self.home = home
        self.list = list
        self.state = state
        self.report = report
    }

    /// Starts the copies of a tier at the same time, but for those that run, and waits until all of
    /// them are ready.
    ///
    /// - Throws: `LocalBankError.Code.diedAtStart`, `.notReady`, or what `explanation` says;
    ///   `CancellationError`. What was started goes on.
    mutating func start(_ tier: Tier) async throws {
        var launched: [(ProcessDescription, logStart: Int)] = []
        for process in list where process.part.tier == tier {
            if let running = state[process.part], running.identity.isAlive {
                let address = try await waitUntilReady(process, running)
                state[process.part]?.address = address
                report(.alreadyRunning(process.part))
            } else {
                launched.append((process, logStart: try await launch(process)))
            }
        }
        for (process, logStart) in launched { try await finish(process, logStart) }
    }

    /// - Returns: where in its log its own lines begin.
    private mutating func launch(_ process: ProcessDescription) async throws -> Int {
        var command = try await process.command(state, report)
        command.arguments += [process.mark.flag, process.mark.path]
        let log = LogFile(home.logFile(of: process.part))
        log.rotateIfLarge()
        let start = Files.sizeBytes(log.path)
        report(.began(.start(process.part)))
        do throws(LocalBankError) {
            state[process.part] = BankState.Process(
                part: process.part, identity: try command.spawn(log: log.path),
                logPath: log.path, startedAtSeconds: Host.unixTimeSeconds)
        } catch {
            var error = error
            error.part = process.part
            throw error
        }
        if !started.contains(process.part) { started.append(process.part) }
        // At once: whatever becomes of this command, `down` knows of the process.
        try state.save(home)
        return start
    }

    private mutating func finish(_ process: ProcessDescription, _ logStart: Int) async throws {
        let began = ContinuousClock.now
        var logStart = logStart
        while let launched = state[process.part] {
            do {
                let address = try await waitUntilReady(process, launched, logStart)
                state[process.part]?.address = address
                try state.save(home)
                let took = ContinuousClock.now - began
                return report(.finished(.start(process.part), address: address, took: took))
            } catch let error as LocalBankError {
                let isHeld = process.signsOfAnEarlierOne.contains { sign in
                    error.logTail.contains { $0.range(ofText: sign) != nil }
                }
                guard isHeld, !launched.identity.isAlive,
                    ContinuousClock.now < began + .seconds(10)
                else { throw error }
                try await Task.sleep(for: .milliseconds(100))
                logStart = try await launch(process)
            }
        }
    }

    /// Waits until it says that it is ready. One that says that it recovers is waited for as long as
    /// that takes: it depends on what it has to do again.
    ///
    /// - Parameter logStart: where its own lines begin; nil for one that was found running.
    /// - Returns: its address.
    private func waitUntilReady(
        _ process: ProcessDescription, _ running: BankState.Process, _ logStart: Int? = nil
    ) async throws -> String {
        let timeout = max(readyTimeout, process.leastReadyTimeout)
        let began = ContinuousClock.now
        var deadline = began + timeout
        var waiting = Waiting(process.part, bound: readyTimeout, report)
        while true {
            if let exit = ChildExit(reaping: running.identity.pid) {
                throw died(process, running, "\(exit)", logStart)
            }
            guard running.identity.isAlive else {
                throw died(process, running, "it is gone", logStart)
            }
            var (what, pause) = ("is not ready", Duration.milliseconds(20))
            switch try await process.readiness(running) {
            case .ready(let address): return address
            case .notYet(let instead): what = instead
            case .refuses(let words):
                pause = .milliseconds(100)
                // One that was just started says for a moment that it starts up: that is no news.
                let isNews = logStart == nil || .now > began + .seconds(3)
                deadline = .now + (!isNews || waiting.goesOn(says: words) ? timeout : .zero)
            }
            guard ContinuousClock.now < deadline else {
                throw notReady(running, what, after: timeout, logStart)
            }
            try await Task.sleep(for: pause)
        }
    }

    private func died(
        _ process: ProcessDescription, _ running: BankState.Process, _ how: String, _ logStart: Int?
    ) -> LocalBankError {
        let lines = LogFile(running.logPath).lastLines(10, after: logStart ?? 0)
        var error =
            process.explanation(lines)
            ?? LocalBankError(
                .diedAtStart, "\(process.part) ended while it started (\(how))",
                advice: "see the last lines of its log")
        (error.part, error.logTail, error.logPath) = (process.part, lines, running.logPath)
        return error
    }

    private func notReady(
        _ running: BankState.Process, _ what: String, after timeout: Duration, _ logStart: Int?
    ) -> LocalBankError {
        let part = running.part
        let (message, advice) =
            logStart == nil
            ? (
                "\(part) runs (pid \(running.identity.pid)) but is not ready",
                "stop the bank with teller down and start it again"
            )
            : (
                "\(part) \(what) after \(timeout.components.seconds) s",
                "see the last lines of its log"
            )
        return LocalBankError(
            .notReady, message, advice: advice, part: part,
            logTail: LogFile(running.logPath).lastLines(10, after: logStart ?? 0),
            logPath: running.logPath)
    }
}

/// A server that takes nobody, and what it said last.
struct Waiting {
    private let part: Part
    private let bound: Duration
    private let report: @Sendable (Step) -> Void
    private var words = ""
    /// Of a server that shuts down.
    private var deadline: ContinuousClock.Instant?

    init(_ part: Part, bound: Duration, _ report: @escaping @Sendable (Step) -> Void) {
        self.part = part
        self.bound = bound
        self.report = report
    }

    /// Shows the server's words when they are new, so that a person knows what is waited for.
    ///
    /// - Returns: whether to wait on: for one that starts up or recovers, however long it takes; for
    ///   one that shuts down, a bounded time.
    mutating func goesOn(says words: String) -> Bool {
        if words != self.words, !words.isEmpty {
            self.words = words
            report(.waiting(part, says: words))
        }
        guard self.words.range(ofText: "shutting down") != nil else {
            deadline = nil
            return true
        }
        let deadline = deadline ?? .now + bound
        self.deadline = deadline
        return .now < deadline
    }
}
