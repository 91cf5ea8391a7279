public import BankAPI

/// How a write ended.
public enum WriteResult<Value: Sendable, Failure: Error>: Sendable {
    case done(Value)
    /// The ledger's answer to this id, for ever.
    case refused(ProblemCode, Failure)
    /// It was not done now, and may be asked again; the code is `nil` when no bank was reached.
    case nothingDone(ProblemCode?, Failure)
    /// It may or may not have been done.
    case unknown(Failure)
}

/// How a write through this client ended.
public typealias Written<Value: Sendable> = WriteResult<Value, BankClientError>

extension WriteResult where Failure == BankClientError {
    /// What a failure says that came with a problem document.
    ///
    /// The bank promises that nothing was done with every problem but `outcome_unknown`. A mistake
    /// inside a tier promises nothing. Of a code of a later version the status says what kind it is:
    /// 422 is the ledger's refusal, and any other that blames the request was not done.
    init(_ error: BankClientError, code: ProblemCode, status: Int) {
        self =
            switch code {
            case .outcomeUnknown, .internal: .unknown(error)
            // The id is that of something else, or of nothing: this was not done, and left no trace.
            case .idUsedWithOtherContent, .idInvalid: .nothingDone(code, error)
            case _ where code.refusal != nil || !code.isKnown && status == 422:
                .refused(code, error.asRefusal)
            case _ where !code.isKnown && !(400..<500).contains(status): .unknown(error)
            default: .nothingDone(code, error)
            }
    }
}

extension BankClientError {
    fileprivate var asRefusal: BankClientError {
        var error = self
        error.isRefusal = true
        return error
    }
}

extension WriteResult {
    func flatMap<Other>(
        _ transform: (Value) -> WriteResult<Other, Failure>
    ) -> WriteResult<Other, Failure> {
        switch self {
        case .done(let value): transform(value)
        case .refused(let code, let error): .refused(code, error)
        case .nothingDone(let code, let error): .nothingDone(code, error)
        case .unknown(let error): .unknown(error)
        }
    }

    public func map<Other>(_ transform: (Value) -> Other) -> WriteResult<Other, Failure> {
        flatMap { .done(transform($0)) }
    }

    public func mapFailure<Other>(_ transform: (Failure) -> Other) -> WriteResult<Value, Other> {
        switch self {
        case .done(let value): .done(value)
        case .refused(let code, let error): .refused(code, transform(error))
        case .nothingDone(let code, let error): .nothingDone(code, transform(error))
        case .unknown(let error): .unknown(transform(error))
        }
    }

    /// Whether asking again would be answered the same.
    public var isFinal: Bool {
        switch self {
        case .done, .refused, .nothingDone(.idUsedWithOtherContent, _), .nothingDone(.idInvalid, _):
            true
        case .nothingDone, .unknown: false
        }
    }

    /// Why nothing was done, where asking again might do it.
    public var resumableFailure: Failure? {
        guard !isFinal, case .nothingDone(_, let error) = self else { return nil }
        return error
    }
}

extension AnswerReader {
    /// What an answer says about a write.
    func result<Value: Decodable & Sendable>(
        _ answer: RawAnswer, as type: Value.Type
    ) -> Written<Value> {
        do throws(BankClientError) {
            return .done(try value(answer, as: type))
        } catch {
            guard let problem = problem(answer) else { return .unknown(error) }
            return WriteResult(error, code: problem.code, status: answer.status)
        }
    }

    /// What a member of a batch's answer says about its write.
    func result<Value>(_ problem: Problem) -> Written<Value> {
        WriteResult(
            error(.problem(problem, status: problem.status)), code: problem.code,
            status: problem.status)
    }
}
