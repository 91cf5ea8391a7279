/// Which bank answered, and where.
struct BankName: Sendable, Hashable {
    /// The four letters in its account numbers.
    var bank: String
    var server: String

    /// For people.
    var text: String { "\(bank.printable.shortened(toColumns: 12)) at \(server)" }
}

/// The members of what is printed of a write for programs.
enum WriteKeys: String, CodingKey {
    case id, kind, outcome, code, detail, bank, server, repeated
}

extension BankName {
    func encode(to container: inout KeyedEncodingContainer<WriteKeys>) throws {
        try container.encode(bank, forKey: .bank)
        try container.encode(server, forKey: .server)
    }
}
