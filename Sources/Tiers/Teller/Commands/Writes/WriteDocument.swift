import BankAPI
import Ledger

/// What was done, for programs: its members, and which bank did it under which id.
struct WriteDocument<Value: Encodable>: Encodable {
    var value: Value
    var id: Identifier?
    var bank: BankName
    /// Whether it was done before, by another request with the same id.
    var isRepeated = false

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: WriteKeys.self)
        try container.encodeIfPresent(id, forKey: .id)
        try bank.encode(to: &container)
        if isRepeated { try container.encode(true, forKey: .repeated) }
    }
}

/// What was not done or is not known, for programs.
struct WriteFailureDocument: Encodable {
    var write: BankWrite
    var error: TellerError
    var bank: BankName

    private var outcome: LineOutcome.Kind {
        switch error.status {
        case .refused: .refused
        case .outcomeUnknown: .unknown
        default: .notDone
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: WriteKeys.self)
        try container.encodeIfPresent(write.ids.first, forKey: .id)
        try container.encode(write.kind, forKey: .kind)
        try container.encode(outcome, forKey: .outcome)
        try container.encodeIfPresent(error.code, forKey: .code)
        try container.encode(error.what, forKey: .detail)
        try bank.encode(to: &container)
    }
}
