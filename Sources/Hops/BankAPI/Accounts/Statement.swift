public import Ledger

/// The answer of `GET /v1/accounts/{account}/statement`: a page of it.
public struct StatementPage: Sendable, Hashable, Codable {
    public struct Entry: Sendable, Hashable {
        public var version: Int64
        public var postedAt: Timestamp
        /// Negative when money left the account.
        public var amount: Money
        public var balanceAfter: Money
        public var transfer: Identifier
        /// The name of a ``TransferKind``, or of one that a later bank has.
        public var kind: String
        public var otherAccount: AccountNumber
        public var memo: ShortText?

        public init(
            version: Int64, postedAt: Timestamp, amount: Money, balanceAfter: Money,
            transfer: Identifier, kind: TransferKind, otherAccount: AccountNumber, memo: ShortText?
        ) {
            self.version = version
            self.postedAt = postedAt
            self.amount = amount
            self.balanceAfter = balanceAfter
            self.transfer = transfer
            self.kind = kind.rawValue
            self.otherAccount = otherAccount
            self.memo = memo
        }
    }

    /// The account as it is now.
    public var account: Account
    /// Before the first and after the last entry of the whole statement, not of the page.
    public var openingBalance: Money
    public var closingBalance: Money
    /// From the newest to the oldest.
    public var entries: [Entry]
    /// What to ask the next page with; `nil` on the last one.
    public var nextPageToken: String?

    public init(
        account: Account, openingBalance: Money, closingBalance: Money, entries: [Entry],
        nextPageToken: String?
    ) {
        self.account = account
        self.openingBalance = openingBalance
        self.closingBalance = closingBalance
        self.entries = entries
        self.nextPageToken = nextPageToken
    }

    private enum CodingKeys: String, CodingKey {
        case account, entries
        case openingBalance = "opening_balance"
        case closingBalance = "closing_balance"
        case nextPageToken = "next_page_token"
    }

    private enum EntryKeys: String, CodingKey {
        case version, amount, transfer, kind, memo
        case postedAt = "posted_at"
        case balanceAfter = "balance_after"
        case otherAccount = "other_account"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        account = try container.decode(Account.self, forKey: .account)
        let currency = account.balance.currency
        openingBalance = try container.decodeMoney(forKey: .openingBalance, in: currency)
        closingBalance = try container.decodeMoney(forKey: .closingBalance, in: currency)
        nextPageToken = try container.decodeIfPresent(String.self, forKey: .nextPageToken)
        var list = try container.nestedUnkeyedContainer(forKey: .entries)
        entries = []
        while !list.isAtEnd {
            let entry = try list.nestedContainer(keyedBy: EntryKeys.self)
            var read = Entry(
                version: try entry.decode(Int64.self, forKey: .version),
                postedAt: try entry.decode(Timestamp.self, forKey: .postedAt),
                amount: try entry.decodeMoney(forKey: .amount, in: currency),
                balanceAfter: try entry.decodeMoney(forKey: .balanceAfter, in: currency),
                transfer: try entry.decode(Identifier.self, forKey: .transfer), kind: .transfer,
                otherAccount: try entry.decode(AccountNumber.self, forKey: .otherAccount),
                memo: try entry.decodeIfPresent(ShortText.self, forKey: .memo))
            read.kind = try entry.decode(String.self, forKey: .kind)
            entries.append(read)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(account, forKey: .account)
        try container.encode(openingBalance.decimalString, forKey: .openingBalance)
        try container.encode(closingBalance.decimalString, forKey: .closingBalance)
        try container.encodeIfPresent(nextPageToken, forKey: .nextPageToken)
        var list = container.nestedUnkeyedContainer(forKey: .entries)
        for entry in entries {
            var item = list.nestedContainer(keyedBy: EntryKeys.self)
            try item.encode(entry.version, forKey: .version)
            try item.encode(entry.postedAt, forKey: .postedAt)
            try item.encode(entry.amount.decimalString, forKey: .amount)
            try item.encode(entry.balanceAfter.decimalString, forKey: .balanceAfter)
            try item.encode(entry.transfer, forKey: .transfer)
            try item.encode(entry.kind, forKey: .kind)
            try item.encode(entry.otherAccount, forKey: .otherAccount)
            try item.encodeIfPresent(entry.memo, forKey: .memo)
        }
    }
}
