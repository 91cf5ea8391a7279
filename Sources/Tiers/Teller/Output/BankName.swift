/// Which bank answered, and where.
struct BankName: Sendable, Hashable {
    /// The four letters in its account numbers.
    var bank: String
    var server: String

    /// For people.
    var text: String { "\(bank.printable.shortened(toColumns: 12)) at \(server)" }
}
