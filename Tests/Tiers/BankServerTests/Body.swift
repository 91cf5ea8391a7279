import BankAPI
import Chain
import Ledger
import NIOHTTP1
import Synchronization

@testable import BalanceClient
@testable import BankServer
@testable import Chain

/// Bodies for tests.
enum Body {
    static let other = "XB18DEMO0000000018"

    private static let count = Atomic<UInt64>(0)

    static func newID() -> Identifier {
        let count = count.wrappingAdd(1, ordering: .relaxed).newValue
        return Identifier(high: 0x0197_a2b4_6f00_7c31, low: 1 << 63 | count)
    }

    static func request(
        _ id: Identifier = newID(), amount: Int64 = 1234, memo: String? = nil
    ) throws -> TransferRequest {
        TransferRequest(
            id: id,
            action: .transfer(
                debit: try AccountNumber(FakeBalances.known),
                credit: try AccountNumber(bank: "DEMO", number: 18),
                amount: Money(minorUnits: amount, currency: .usd)),
            memo: try memo.map { try ShortText($0) })
    }

    static func transfer(
        _ id: Identifier = newID(), amount: Int64 = 1234, memo: String? = nil
    ) throws -> String {
        try json(TransferSubmission(request(id, amount: amount, memo: memo)))
    }

    static func batch(_ ids: [Identifier], atomic: Bool) throws -> String {
        try json(
            TransferBatch(ledger: nil, atomic: atomic, transfers: try ids.map { try request($0) }))
    }

    static func json(_ value: some Encodable) throws -> String {
        String(decoding: try BankJSON.encode(value), as: UTF8.self)
    }
}
