import Ledger
import TestSupport

/// Makes small banks near their limits, and requests that get in each other's way.
struct BatchGenerator {
    private(set) var random: SeededGenerator
    /// The requests so far, to repeat, to contradict, to post, void and reverse.
    private var asked: [TransferRequest] = []
    private var nextID: UInt64 = 0
    /// Amounts at which something may just be enough, or just too much.
    var edges: [Int64] = [
        .max, LedgerLimits.transfer, LedgerLimits.transfer + 1, LedgerLimits.balance, 0, -1, .min,
    ]

    static let cash = (usd: Sample.number(1), eur: Sample.number(2))
    static let customers = [11, 12, 13].map { Sample.number($0) }

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 1...100, using: &random) <= percent
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &random)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    /// Microseconds; the clock of a database may go back.
    mutating func clock() -> Int64 { number(0...6_000_000) }
}

extension BatchGenerator {
    mutating func group() -> [TransferRequest] {
        (0..<(chance(60) ? 1 : number(2...4))).map { _ in
            let request = request()
            asked.append(request)
            return request
        }
    }

    private mutating func request() -> TransferRequest {
        let kind = Int.random(in: 1...100, using: &random)
        if kind <= 15, let earlier = asked.randomElement(using: &random) { return earlier }
        if kind <= 22, let earlier = asked.randomElement(using: &random) {
            var other = TransferRequest(
                id: earlier.id, action: action(), memo: memo(), asker: asker())
            if chance(30) { other.action = earlier.action }
            if case .post(let hold, _) = earlier.action, chance(80) {
                other.action = .post(hold: hold, amount: chance(50) ? nil : amount())
                other.memo = earlier.memo
            }
            return other
        }
        if chance(2) {
            let reserved = pick([Identifier(high: 0, low: 0), Identifier(high: .max, low: .max)])
            return TransferRequest(
                id: reserved, action: action(), memo: memo(), asker: asker())
        }
        nextID += 1
        return TransferRequest(
            id: id(nextID), action: action(), memo: memo(), asker: asker())
    }

    /// Mostly one who may do it: the rules behind the rights are to be met, too.
    private mutating func asker() -> Asker? {
        if chance(50) { return nil }
        if chance(2) { return .tier }
        if chance(50) { return UserName("otto").map { .person($0, isOperator: true) } }
        return UserName(pick(["alice", "bruno"])).map { .person($0, isOperator: false) }
    }

    private mutating func memo() -> ShortText? {
        chance(80) ? nil : try? ShortText(pick(["rent", "food"]))
    }

    private mutating func amount() -> Money {
        let units = chance(75) ? number(1...40) : pick(edges)
        return Money(minorUnits: units, currency: chance(94) ? .usd : .eur)
    }

    private mutating func account() -> AccountNumber {
        chance(85)
            ? pick(Self.customers)
            : pick([
                Self.cash.usd, Self.cash.eur, Sample.number(14), Sample.number(15), Sample.closed,
                Sample.unknown, Sample.elsewhere,
            ])
    }

    private mutating func action() -> TransferRequest.Action {
        switch Int.random(in: 0...12, using: &random) {
        case 0...2: .transfer(debit: account(), credit: account(), amount: amount())
        case 3: .deposit(credit: account(), amount: amount())
        case 4: .withdrawal(debit: account(), amount: amount())
        case 5...7:
            .hold(
                debit: account(), credit: account(), amount: amount(), seconds: number(1...3))
        case 8, 9: .post(hold: subject(ofHold: true), amount: chance(60) ? nil : amount())
        case 10: .void(hold: subject(ofHold: true))
        default: .reversal(of: subject(ofHold: false))
        }
    }

    private mutating func subject(ofHold isHold: Bool) -> Identifier {
        if isHold, chance(40) { return Identifier(high: 1, low: UInt64(number(0...3))) }
        let fitting = asked.filter { isHold ? $0.kind == .hold : $0.kind.movesMoney }
        if chance(90), let subject = fitting.randomElement(using: &random) { return subject.id }
        return id(UInt64(number(0...99)))
    }
}
