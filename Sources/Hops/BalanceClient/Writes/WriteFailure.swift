import BalanceAPI
import BankAPI
import Chain

/// Why one attempt at a write has no outcome.
struct WriteFailure: Error {
    /// Whether another attempt makes sense.
    enum Repetition: Sendable {
        case never
        /// Only to learn what became of an earlier attempt.
        case whenUncertain
        case always
        /// As long as there is time for another answer: what is in the way passes by itself.
        case whileThereIsTime
    }

    /// What to answer when nothing was done.
    var problem: Problem
    /// Whether this attempt may have done it, or still may.
    var mayBeDone: Bool
    var repetition: Repetition

    init(_ problem: Problem, mayBeDone: Bool, repetition: Repetition) {
        self.problem = problem
        self.mayBeDone = mayBeDone
        self.repetition = repetition
    }

    /// - Parameters:
    ///   - error: Of a call that carried the write.
    ///   - mayRepeat: Whether the retry budget allows another attempt. To learn what became of a write
    ///     needs none: pauses and the deadline bound it.
    init(ofCall error: any Error, mayRepeat: Bool) {
        let problem = HopError.problem(error)
        let isUncertain = !HopError.saysNothingWasDone(error)
        let repetition: Repetition =
            if isUncertain {
                .always
            } else if HopError.isUnavailable(error) {
                mayRepeat ? .always : .whenUncertain
            } else {
                problem.code == .overloaded ? .whenUncertain : .never
            }
        self.init(problem, mayBeDone: isUncertain, repetition: repetition)
    }

    /// - Parameters:
    ///   - error: Of a wait for a call.
    ///   - wasSent: Whether the call was made all the same.
    init(ofWait error: any Error, wasSent: Bool) {
        let problem = error is CancellationError ? .shuttingDown : HopError.problem(error)
        let isOver =
            error is CancellationError || problem.code == .deadlineExceeded
            || error as? BatcherError == .closed
        self.init(problem, mayBeDone: wasSent, repetition: isOver ? .never : .whenUncertain)
    }

    /// A failure that a service answered; `nil` when it is none.
    init?(_ failure: Teller_Balance_V1_GroupOutcome.Failure) {
        switch failure {
        case .unspecified: return nil
        case .deadlineExceeded:
            self.init(
                .deadlineExceeded(tier: .balanceService), mayBeDone: false, repetition: .never)
        case .outcomeUnknown:
            self.init(.outcomeUnknown, mayBeDone: true, repetition: .always)
        case .otherLedger: self.init(.otherLedger, mayBeDone: false, repetition: .never)
        case .busy: self.init(.accountBusy, mayBeDone: false, repetition: .whileThereIsTime)
        case .unavailable:
            self.init(
                BalanceServiceCondition.databaseUnavailable.problem, mayBeDone: false,
                repetition: .always)
        case .internal:
            self.init(
                .internal(tier: .balanceService), mayBeDone: false, repetition: .whenUncertain)
        case .UNRECOGNIZED: self = .contractBroken
        }
    }

    /// The service said something that its contract does not allow: it would say so again.
    static let contractBroken = WriteFailure(.outcomeUnknown, mayBeDone: true, repetition: .never)
}
