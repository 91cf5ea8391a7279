import Testing

@testable import Ledger

@Suite struct AccountKindTests {
    /// The whole table, written out: who may give to whom by what.
    @Test func whatEachKindMayDo() {
        var allowed: [String] = []
        for kind in TransferKind.allCases where kind != .void && kind != .reversal {
            for debit in AccountKind.allCases {
                for credit in AccountKind.allCases where kind.isAllowed(from: debit, to: credit) {
                    allowed.append("\(kind): \(debit) to \(credit)")
                }
            }
        }
        #expect(
            allowed == [
                "transfer: customer to customer", "deposit: cash to customer",
                "withdrawal: customer to cash", "hold: customer to customer",
                "post: customer to customer",
            ])
        #expect(AccountKind.customers == [.customer])
    }

    @Test(arguments: [TransferKind.void, .reversal])
    func whatUndoesMayBeBetweenAll(kind: TransferKind) {
        for debit in AccountKind.allCases {
            #expect(AccountKind.allCases.allSatisfy { kind.isAllowed(from: debit, to: $0) })
        }
    }
}
