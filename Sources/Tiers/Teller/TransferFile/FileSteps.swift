import BankAPI
import BankClient
import Ledger

/// Decides how a file of transfers is done: under which ids, what is looked at before, and which lines are
/// sent and which are not.
///
/// Without I/O, clock and chance, as ``SendSteps``, by which each batch is sent.
struct FileSteps: Sendable {
    typealias Lines = ArraySlice<FileLine<TransferRequest>>

    enum Step: Sendable {
        /// Lock the file, under this name of it: no other teller does it then.
        case lock(Identifier)
        /// Find when the journal says that the file was done.
        case findRuns
        /// The journal may say so where it cannot be read.
        case stop([JournalDamage])
        /// Count up from this id for the lines without one, and ask for what they leave out.
        case plan(Identifier)
        /// Ask the bank what it has under the lines' ids.
        case lookUp(Lines)
        case note([JournalEntry])
        /// The lines are next.
        case begin
        case send(Lines)
        /// Send no more.
        case pass(Lines)
        case end
    }

    /// Which file at which ledger, and when by this machine's clock.
    let run: (sha256: String, ledger: Identifier, time: Timestamp)
    let isAtomic: Bool
    /// Whether to do a file anew that was done before.
    let isAgain: Bool
    /// What the ids count up from, as given.
    let given: Identifier?
    /// What they else count up from, where the file is done for the first time.
    let fresh: Identifier
    /// How many lines are sent together.
    let batch: Int
    /// Who does it; `nil` without a session.
    let user: String?

    /// The last run of this file at this ledger.
    private(set) var earlier: JournalledFile?
    private(set) var recorded: RecordedSteps?
    /// Why no more is sent.
    private(set) var stopped: TellerError?
    private var rest: Lines = []

    init(
        run: (sha256: String, ledger: Identifier, time: Timestamp), isAtomic: Bool, isAgain: Bool,
        given: Identifier?, fresh: Identifier, batch: Int = TransferBatch.limit, user: String? = nil
    ) {
        (self.run, self.isAtomic, self.isAgain) = (run, isAtomic, isAgain)
        (self.given, self.fresh, self.batch, self.user) = (given, fresh, batch, user)
    }

    /// The run that this one goes on with.
    var continued: JournalledFile? { given == nil ? earlier : nil }
    private var base: Identifier { continued?.base ?? given ?? fresh }

    var start: Step {
        let hash = UInt64(run.sha256.prefix(16), radix: 16) ?? 0
        return .lock(Identifier(high: 0, low: hash ^ run.ledger.low))
    }

    /// - Throws: when another teller does the file.
    func locked(isFree: Bool) throws(TellerError) -> Step {
        guard isFree else {
            throw TellerError(
                .temporaryFailure, "another teller is doing this file just now",
                advice: "nothing was sent; try again when it has ended")
        }
        return isAgain ? .plan(base) : .findRuns
    }

    /// - Throws: when it is a file that somebody else began. Nothing is sent then.
    mutating func found(
        _ runs: [JournalledFile], _ damage: [JournalDamage]
    ) throws(TellerError) -> Step {
        earlier = runs.last { $0.sha256 == run.sha256 && $0.ledger == run.ledger }
        if given == nil, let owner = earlier?.user, owner != user {
            throw TellerError.ofAnother(owner, "this file").advising("--again does all of it anew")
        }
        // Of a line that breaks off nothing was sent.
        let doubtful = damage.filter { !$0.isUnfinished }
        return earlier == nil && given == nil && !doubtful.isEmpty ? .stop(doubtful) : .plan(base)
    }

    /// - Throws: when all or none are to be done, and not all can be. Nothing is sent then.
    mutating func planned(_ lines: [FileLine<TransferRequest>]) throws(CommandFailure) -> Step {
        if isAtomic { try CommandFailure.check(lines) }
        rest = lines[...]
        return given != nil || continued != nil || isAtomic ? .lookUp(rest) : noteRun()
    }

    /// - Throws: when the file is not the one that was begun. Nothing is sent then.
    mutating func lookedUp(_ recorded: RecordedSteps) throws(TellerError) -> Step {
        self.recorded = recorded
        if given != nil || continued != nil { try recorded.checkFile(of: base) }
        if isAtomic { try recorded.checkGroup() }
        return noteRun()
    }

    private func noteRun() -> Step {
        guard base != earlier?.base else { return .begin }
        let file = JournalledFile(
            sha256: run.sha256, ledger: run.ledger, base: base, time: run.time, user: user)
        return .note([.file(file)])
    }

    func noted() -> Step { .begin }

    /// In the file's order, a batch at a time.
    mutating func next(isInterrupted: Bool) -> Step {
        guard !rest.isEmpty else { return .end }
        if isInterrupted, stopped == nil { stopped = TellerError(.interrupted, "interrupted") }
        let lines = rest.prefix(batch)
        rest = rest.dropFirst(batch)
        let isSent = stopped == nil && lines.contains { $0.value != nil }
        return isSent ? .send(lines) : .pass(lines)
    }

    /// Does not go on where the bank does not answer: later lines may need earlier ones.
    mutating func sent(_ result: Result<[WriteOutcome<WriteReceipt>], TellerError>) {
        switch result {
        case .success(let outcomes): stopped = outcomes.lazy.compactMap(\.openFailure).first
        case .failure(let error): stopped = error
        }
    }

    /// The first line behind those of the last step that there is something to send for.
    var firstUnsent: Int? { rest.first { $0.value != nil }?.number }
}

extension WriteResult {
    /// Why there is no last word.
    fileprivate var openFailure: Failure? {
        if case .unknown(let error) = self { error } else { resumableFailure }
    }
}
