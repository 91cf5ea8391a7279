public import Ledger
public import NIOCore

/// The answer of `GET /v1/accounts/{account}/balance`.
public struct Balance: Sendable, Hashable, WrittenBody, Decodable {
    public var account: AccountNumber
    /// The account's name, as its holder knows it.
    public var name: String
    public var balance: Money
    /// In the balance, but promised to someone; nil in a balance of another time.
    public var held: Money?
    /// The number of entries that made the balance: a later state has a higher one.
    public var version: Int64
    public var closedAt: Timestamp?

    public init(
        account: AccountNumber, name: String, balance: Money, held: Money?, version: Int64,
        closedAt: Timestamp? = nil
    ) {
        self.account = account
        self.name = name
        self.balance = balance
        self.held = held
        self.version = version
        self.closedAt = closedAt
    }

    /// What can be spent without the overdraft: the balance less what is held.
    public var available: Money? { held.flatMap { try? balance.subtracting($0) } }

    private enum CodingKeys: String, CodingKey {
        case account, name, currency, balance, held, version
        case closedAt = "closed_at"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        account = try container.decode(AccountNumber.self, forKey: .account)
        name = try container.decode(String.self, forKey: .name)
        let currency = try container.decode(Currency.self, forKey: .currency)
        balance = try container.decodeMoney(forKey: .balance, in: currency)
        held =
            container.contains(.held)
            ? try container.decodeMoney(forKey: .held, in: currency) : nil
        version = try container.decode(Int64.self, forKey: .version)
        closedAt = try container.decodeIfPresent(Timestamp.self, forKey: .closedAt)
    }

    public func write(into buffer: inout ByteBuffer) {
        buffer.writeObject { buffer in
            buffer.writeMember(#""account":""#, account.compact)
            buffer.writeMember(#""available":""#, available?.decimalString)
            buffer.writeMember(#""balance":""#, balance.decimalString)
            buffer.writeMember(#""closed_at":""#, closedAt?.description)
            buffer.writeMember(#""currency":""#, balance.currency.code)
            buffer.writeMember(#""held":""#, held?.decimalString)
            buffer.writeMember(#""name":""#, escaping: name)
            buffer.writeMember(#""version":"#, version)
        }
    }
}
