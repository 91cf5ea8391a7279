public import Ledger

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Teller_Balance_V1_TransferRequest {
    public init(_ request: TransferRequest) {
        self.init()
        id = Data(request.id.bytes)
        memo = request.memo?.description ?? ""
        switch request.action {
        case .transfer(let debit, let credit, let amount):
            transfer = .init(debit: debit, credit: credit, amount)
        case .deposit(let credit, let amount):
            deposit = .init(debit: nil, credit: credit, amount)
        case .withdrawal(let debit, let amount):
            withdrawal = .init(debit: debit, credit: nil, amount)
        case .hold(let debit, let credit, let amount, let seconds):
            hold.move = .init(debit: debit, credit: credit, amount)
            hold.seconds = seconds
        case .post(let hold, let amount):
            post.hold = Data(hold.bytes)
            if let amount {
                post.amount = amount.minorUnits
                post.currency = amount.currency.code
            }
        case .void(let hold): void = Data(hold.bytes)
        case .reversal(let transfer): reversal = Data(transfer.bytes)
        }
    }

    /// The request that this is.
    ///
    /// - Throws: ``ContractError``.
    public func ledgerRequest() throws(ContractError) -> TransferRequest {
        TransferRequest(
            id: try Identifier(contract: id, "the id"), action: try ledgerAction(),
            memo: try ShortText.contract(memo, "a memo"))
    }

    private func ledgerAction() throws(ContractError) -> TransferRequest.Action {
        switch action {
        case .transfer(let move):
            return .transfer(
                debit: try AccountNumber(contract: move.debitAccount),
                credit: try AccountNumber(contract: move.creditAccount), amount: try move.money())
        case .deposit(let move):
            guard move.debitAccount.isEmpty else {
                throw ContractError("a deposit names whom to debit")
            }
            return .deposit(
                credit: try AccountNumber(contract: move.creditAccount), amount: try move.money())
        case .withdrawal(let move):
            guard move.creditAccount.isEmpty else {
                throw ContractError("a withdrawal names whom to credit")
            }
            return .withdrawal(
                debit: try AccountNumber(contract: move.debitAccount), amount: try move.money())
        case .hold(let hold):
            guard TransferRequest.holdSeconds.contains(hold.seconds) else {
                throw ContractError("a hold lasts 1 second to 31 days")
            }
            return .hold(
                debit: try AccountNumber(contract: hold.move.debitAccount),
                credit: try AccountNumber(contract: hold.move.creditAccount),
                amount: try hold.move.money(), seconds: hold.seconds)
        case .post(let post):
            guard post.hasAmount || post.currency.isEmpty else {
                throw ContractError("a post has a currency and no amount")
            }
            return .post(
                hold: try Identifier(contract: post.hold, "the hold"),
                amount: post.hasAmount
                    ? try Money(contract: post.amount, post.currency) : nil)
        case .void(let bytes): return .void(hold: try Identifier(contract: bytes, "the hold"))
        case .reversal(let bytes):
            return .reversal(of: try Identifier(contract: bytes, "the transfer to reverse"))
        case nil: throw ContractError("a request asks for nothing")
        }
    }
}

extension Teller_Balance_V1_Move {
    fileprivate init(debit: AccountNumber?, credit: AccountNumber?, _ money: Money) {
        self.init()
        debitAccount = debit?.compact ?? ""
        creditAccount = credit?.compact ?? ""
        amount = money.minorUnits
        currency = money.currency.code
    }

    fileprivate func money() throws(ContractError) -> Money {
        try Money(contract: amount, currency)
    }
}
