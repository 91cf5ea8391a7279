public import Ledger

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Teller_Balance_V1_Transfer {
    public init(_ record: RecordedTransfer) {
        self.init()
        id = Data(record.id.bytes)
        kind = record.kind.rawValue
        debitAccount = record.debit?.compact ?? ""
        creditAccount = record.credit?.compact ?? ""
        if let amount = record.amount {
            self.amount = amount.minorUnits
            currency = amount.currency.code
        }
        memo = record.memo?.description ?? ""
        hold = record.hold.map { Data($0.bytes) } ?? Data()
        reverses = record.reverses.map { Data($0.bytes) } ?? Data()
        holdSeconds = record.holdSeconds ?? 0
        createdAtMicroseconds = record.createdAt.microseconds
        refusal = record.refusal?.rawValue ?? ""
        if let leg = record.debitLeg { debit = .init(leg) }
        if let leg = record.creditLeg { credit = .init(leg) }
    }

    /// The record that this is.
    ///
    /// - Throws: ``ContractError``.
    public func ledgerRecord() throws(ContractError) -> RecordedTransfer {
        guard let kind = TransferKind(rawValue: kind) else {
            throw ContractError("an unknown kind of transfer")
        }
        return RecordedTransfer(
            id: try Identifier(contract: id, "the id"), kind: kind,
            debit: debitAccount.isEmpty ? nil : try AccountNumber(contract: debitAccount),
            credit: creditAccount.isEmpty ? nil : try AccountNumber(contract: creditAccount),
            amount: hasAmount ? try Money(contract: amount, currency) : nil,
            memo: try ShortText.contract(memo, "a memo"),
            hold: hold.isEmpty ? nil : try Identifier(contract: hold, "the hold"),
            reverses: reverses.isEmpty
                ? nil : try Identifier(contract: reverses, "the reversed transfer"),
            holdSeconds: holdSeconds == 0 ? nil : holdSeconds,
            createdAt: Timestamp(microseconds: createdAtMicroseconds),
            refusal: refusal.isEmpty ? nil : try Refusal(contract: refusal),
            debitLeg: hasDebit ? debit.ledgerLeg : nil,
            creditLeg: hasCredit ? credit.ledgerLeg : nil)
    }
}

extension Teller_Balance_V1_Leg {
    fileprivate init(_ leg: RecordedTransfer.Leg) {
        self.init()
        version = leg.version
        balanceAfter = leg.balanceAfter
    }

    fileprivate var ledgerLeg: RecordedTransfer.Leg {
        .init(version: version, balanceAfter: balanceAfter)
    }
}

extension Teller_Balance_V1_TransferOutcome {
    public init(_ result: TransferOutcome) {
        self.init()
        switch result {
        case .done(let record): done = .init(record)
        case .refused(let refusal): refused = refusal.rawValue
        }
    }

    /// The outcome that this is.
    ///
    /// - Throws: ``ContractError``.
    public func ledgerOutcome() throws(ContractError) -> TransferOutcome {
        switch outcome {
        case .done(let transfer): return .done(try transfer.ledgerRecord())
        case .refused(let code): return .refused(try Refusal(contract: code))
        case nil: throw ContractError("an empty outcome")
        }
    }
}

extension Refusal {
    /// Reads a code of hop 2.
    ///
    /// - Throws: ``ContractError`` for one that this program does not know.
    public init(contract code: String) throws(ContractError) {
        guard let refusal = Refusal(rawValue: code) else {
            throw ContractError("an unknown refusal")
        }
        self = refusal
    }
}
