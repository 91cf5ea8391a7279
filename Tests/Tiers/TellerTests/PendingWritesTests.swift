import BankAPI
import Ledger
import Testing

@testable import Teller

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct PendingWritesTests {
    private let ledger = Identifier(high: 1, low: 1)
    private let time = Timestamp(microseconds: 0)

    private func intent(_ low: UInt64, units: Int64 = 5, ledger: Identifier? = nil) throws
        -> JournalIntent
    {
        let request = TransferRequest(
            id: Identifier(high: 2, low: low),
            action: .deposit(
                credit: try AccountNumber(FakeLedger.alice),
                amount: Money(minorUnits: units, currency: .usd)))
        return JournalIntent(
            .transfer(request), ledger: ledger ?? self.ledger, server: .standard)
    }

    private func pending(_ entries: [JournalEntry]) -> [Identifier?] {
        var pending = PendingWrites()
        for entry in entries { pending.take(entry) }
        return pending.all.map(\.intent.write.ids.first)
    }

    @Test func anOutcomeSettlesEveryTryOfItsContent() throws {
        let (first, again) = (try intent(1), try intent(1))
        let others = [try intent(1, units: 6), try intent(1, ledger: Identifier(high: 9, low: 9))]
        let entries = ([first, again] + others).map { JournalEntry.intent($0) }
        for result in [JournalOutcome.Result.done, .refused] {
            let outcome = JournalOutcome(attempt: again.attempt, result: result, time: time)
            #expect(pending(entries + [.outcome(outcome)]).count == 2)
        }
        // The outcomes of the tries may come in any order, and twice.
        let outcomes = [first, again].map {
            JournalOutcome(attempt: $0.attempt, result: .done, time: time)
        }
        #expect(pending(entries + (outcomes + outcomes).map { .outcome($0) }).count == 2)
    }

    @Test func nothingDoneSettlesOneTry() throws {
        let (first, again) = (try intent(1), try intent(1))
        let entries = [first, again].map { JournalEntry.intent($0) }
        let outcomes = [first, again].map {
            JournalEntry.outcome(
                JournalOutcome(attempt: $0.attempt, result: .nothingDone, time: time))
        }
        #expect(pending(entries + outcomes.prefix(1)).count == 1)
        #expect(pending(entries + outcomes.suffix(1)).count == 1)
        #expect(pending(entries + outcomes).isEmpty)
    }

    /// What is nobody's is hers who asks again, as long as that may have been done.
    @Test func whatIsNobodysIsHersWhoAsksAgain() throws {
        var (nobodys, hers) = (try intent(1), try intent(1))
        hers.user = "alice"
        func owners(_ result: JournalOutcome.Result?) -> [String?] {
            var pending = PendingWrites()
            for entry in [JournalEntry.intent(nobodys), .intent(hers)] { pending.take(entry) }
            if let result {
                pending.take(
                    .outcome(JournalOutcome(attempt: hers.attempt, result: result, time: time)))
            }
            return pending.all.map(\.intent.user)
        }
        #expect(pending([.intent(nobodys), .intent(hers)]).count == 1)
        #expect(owners(nil) == ["alice"])
        #expect(owners(.done) == [])
        #expect(owners(.refused) == [])
        #expect(owners(.nothingDone) == [nil])
        // Of two people's, each is her own.
        nobodys.user = "bruno"
        #expect(owners(.done) == ["bruno"])
    }

    @Test func keepsTheOrderTheyWereAskedIn() throws {
        let intents = try (1...40).reversed().map { try intent($0) }
        #expect(
            pending(intents.map { .intent($0) }) == intents.map(\.write.ids.first))
    }

    @Test func everyWriteComesBackFromItsLine() throws {
        let account = try AccountNumber(FakeLedger.alice)
        let id = Identifier(high: 2, low: 3)
        let name = try ShortText("Zoë \"\\/ 🍕")
        let request = TransferRequest(id: id, action: .void(hold: id), memo: name)
        let limit = Money(minorUnits: 0, currency: .kwd)
        let writes: [BankWrite] = [
            .transfer(request), .linked([request, request]), .close(account, id: id),
            .open(OpenAccount(id: id, ledger: ledger, name: name, overdraftLimit: limit)),
        ]
        for write in writes {
            let intent = JournalIntent(write, ledger: ledger, server: .standard)
            let outcome = JournalOutcome(
                attempt: intent.attempt, result: .refused, code: "account_closed", time: time)
            for entry in [JournalEntry.intent(intent), .outcome(outcome)] {
                let line = try BankJSON.encode(entry)
                #expect(!line.contains(UInt8(ascii: "\n")))
                let decoded = try BankJSON.decoder().decode(
                    JournalEntry.self, from: .init(line))
                #expect(decoded == entry)
            }
        }
    }
}
