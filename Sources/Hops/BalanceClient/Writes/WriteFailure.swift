public import BalanceAPI
import Chain

/// Why one attempt at a write has no outcome.
public struct WriteFailure: Error {
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
    let error: BalanceClientError
    /// Whether this attempt may have done it, or still may.
    let mayBeDone: Bool
    let repetition: Repetition

    init(_ error: BalanceClientError, mayBeDone: Bool = false, repetition: Repetition) {
        self.error = error
        self.mayBeDone = mayBeDone
        self.repetition = repetition
    }

    /// - Parameters:
    ///   - error: Of a call that carried the write.
    ///   - mayRepeat: Whether the retry budget allows another attempt. To learn what became of a write
    ///     needs none: pauses and the deadline bound it.
    init(ofCall error: any Error, mayRepeat: Bool) {
        let cause = BalanceClientError(error)
        let isUncertain = !HopError.saysNothingWasDone(error)
        let repetition: Repetition =
            if isUncertain {
                .always
            } else if HopError.isUnavailable(error) {
                mayRepeat ? .always : .whenUncertain
            } else {
                switch cause {
                case .overloaded, .tooMuchWaiting: .whenUncertain
                default: .never
                }
            }
        self.init(cause, mayBeDone: isUncertain, repetition: repetition)
    }

    /// - Parameters:
    ///   - error: Of a wait for a call.
    ///   - wasSent: Whether the call was made all the same.
    init(ofWait error: any Error, wasSent: Bool) {
        let cause = error is CancellationError ? .closed : BalanceClientError(error)
        let isOver = cause == .closed || cause == .deadlineExceeded
        self.init(cause, mayBeDone: wasSent, repetition: isOver ? .never : .whenUncertain)
    }

    /// A failure that a service answered; `nil` when it is none.
    public init?(_ failure: Teller_Balance_V1_GroupOutcome.Failure) {
        switch failure {
        case .unspecified: return nil
        case .deadlineExceeded: self.init(.deadlineExceeded, repetition: .never)
        case .outcomeUnknown: self.init(.outcomeUnknown, mayBeDone: true, repetition: .always)
        case .otherLedger: self.init(.otherLedger, repetition: .never)
        case .unauthenticated: self.init(.unauthenticated, repetition: .never)
        case .tooManyTries: self.init(.tooManyTries, repetition: .never)
        case .busy: self.init(.accountBusy, repetition: .whileThereIsTime)
        case .unavailable: self.init(.unavailable(.databaseUnavailable), repetition: .always)
        case .internal: self.init(.failed, repetition: .whenUncertain)
        case .UNRECOGNIZED: self = .contractBroken
        }
    }

    /// The service said something that its contract does not allow: it would say so again.
    public static let contractBroken = WriteFailure(
        .outcomeUnknown, mayBeDone: true, repetition: .never)
}
