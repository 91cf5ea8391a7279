import BankAPI
import Ledger

/// Which bank answered, and where.
struct BankName: Sendable, Hashable {
    /// The four letters in its account numbers.
    var bank: String
    var server: String

    /// For people.
    var text: String { "\(bank.printable.shortened(toColumns: 12)) at \(server)" }
}

/// What is printed of a write for programs; what does not apply is left out.
struct WriteFacts: Encodable {
    /// Of a file.
    var line: Int?
    var id: Identifier?
    var kind: String?
    var outcome: String?
    var code: String?
    var detail: String?
    var bank: String?
    var server: String?
    /// True where it was done before, by another request with the same id.
    var repeated: Bool?
    var transfer: Transfer?

    init(id: Identifier?, bank: BankName?, isRepeated: Bool = false) {
        self.id = id
        self.bank = bank?.bank
        server = bank?.server
        repeated = isRepeated ? true : nil
    }
}
