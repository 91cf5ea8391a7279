import BankAPI
import Ledger

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A bank with one account that has so many entries, an hour apart from 2026-01-01 on.
struct StatementBank: Sendable {
    var entries: [StatementPage.Entry] = []

    static let other = AccountSamples.number(2)

    init(count: Int, memo: String? = nil) throws {
        let other = try AccountNumber(Self.other)
        var balance: Int64 = 0
        for version in 1...count {
            let amount: Int64 = version == 1 ? 1_000_000 : -Int64(version) * 101
            balance += amount
            entries.append(
                StatementPage.Entry(
                    version: Int64(version), postedAt: Self.time(hours: version),
                    amount: Money(minorUnits: amount, currency: .usd),
                    balanceAfter: Money(minorUnits: balance, currency: .usd),
                    transfer: Identifier(high: 7, low: UInt64(version)),
                    kind: version == 1 ? .deposit : .transfer, otherAccount: other,
                    memo: try memo.map { try ShortText($0) }))
        }
    }

    private static func time(hours: Int) -> Timestamp {
        let start = CivilDate(year: 2026, month: 1, day: 1)?.daysSince1970 ?? 0
        return Timestamp(microseconds: (start * 86_400 + Int64(hours) * 3600) * 1_000_000)
    }

    @Sendable func behave(_ request: FakeBank.Request) -> FakeBank.Reply {
        let query = Self.query(request.path)
        let from = query["from"].flatMap { Timestamp($0) } ?? Timestamp(microseconds: .min)
        let to = query["to"].flatMap { Timestamp($0) } ?? Timestamp(microseconds: .max)
        let period = entries.filter { from <= $0.postedAt && $0.postedAt < to }
        let end = query["page_token"].flatMap { Int64($0) } ?? .max
        let rest = period.filter { $0.version < end }
        let page = rest.suffix(query["page_size"].flatMap { Int($0) } ?? 50)
        let zero = Money(minorUnits: 0, currency: .usd)
        let closing = period.last?.balanceAfter ?? zero
        guard let number = try? AccountNumber(FakeBank.alice) else { return .reset }
        let answer = StatementPage(
            account: Account(
                account: number, name: "Alice, everyday", balance: closing, held: zero,
                overdraftLimit: zero, version: Int64(entries.count),
                openedAt: .init(microseconds: 0),
                closedAt: nil),
            openingBalance: period.first?.balanceBefore ?? zero, closingBalance: closing,
            entries: page.reversed(),
            nextPageToken: page.count < rest.count ? page.first.map { "\($0.version)" } : nil)
        let body = (try? BankJSON.encode(answer)).map { String(decoding: $0, as: UTF8.self) }
        return .json(body ?? "")
    }

    private static func query(_ path: String) -> [String: String] {
        var query: [String: String] = [:]
        for pair in path.split(separator: "?").dropFirst().joined().split(separator: "&") {
            let parts = pair.split(separator: "=")
            query[String(parts[0])] = parts.dropFirst().joined().replacing("%3A", with: ":")
        }
        return query
    }
}
