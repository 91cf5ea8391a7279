import BankAPI
import BankClient
import Ledger

/// What a journal says, held against what a ledger has.
struct JournalAudit: Sendable {
    /// The most wrong transfers that are named; all are counted.
    static let mostExamples = 20

    /// How many writes were acknowledged that have a transfer.
    private let acknowledgements: [TransferRequest: Int]

    private(set) var acknowledged = AuditView.Check("what was done is there once, as it was asked")
    private(set) var refused = AuditView.Check("what was refused is not done")
    private(set) var notDone = AuditView.Check("what was not done is not there")
    private(set) var linked = AuditView.Check("of linked transfers all are there, or none")
    private(set) var opened = AuditView.Check("what was opened is there, as it was asked")
    private(set) var closed = AuditView.Check("what was closed is closed")
    private(set) var pending = 0
    var ofOtherLedgers = 0
    /// Accounts that were not opened or not closed, or whose number the journal does not have, as
    /// one of an earlier version: the bank cannot be asked about them.
    private(set) var ofAccounts = 0
    /// What later tellers asked for, and this one does not know.
    private(set) var ofLaterVersions = 0
    var unreadableLines: [Int] = []

    init(acknowledgements: [TransferRequest: Int]) {
        self.acknowledgements = acknowledgements
    }

    var checks: [AuditView.Check] { [acknowledged, refused, notDone, linked, opened, closed] }

    /// Looks at one write.
    ///
    /// - Parameter records: all that the ledger has under the write's ids.
    mutating func check(_ write: JournalWrites.Write, _ records: [Identifier: [Transfer]]) {
        let state = write.settled
        for request in write.requests {
            let found = records[request.id] ?? []
            switch state {
            case .acknowledged: acknowledged.count(Self.faultOfDone(request, found))
            case .refused: refused.count(Self.faultOfUndone(request, found, "refused"))
            case .notDone:
                notDone.count(
                    isAcknowledged(request, besides: write)
                        ? nil : Self.faultOfUndone(request, found, "not done"))
            case .pending: break
            }
        }
        if state == .pending { pending += 1 }
        if write.isLinked { linked.count(faultOfGroup(write, records)) }
    }

    /// Why all or none of a group is not there. A transfer that another write did, too, says nothing
    /// of the group: what was done before stays done.
    private func faultOfGroup(
        _ write: JournalWrites.Write, _ records: [Identifier: [Transfer]]
    ) -> String? {
        let own = write.requests.filter { !isAcknowledged($0, besides: write) }
        let done = own.filter { Self.isDone($0, records[$0.id] ?? []) }
        guard let first = done.first, done.count < own.count else { return nil }
        return "\(done.count) of \(own.count) are there, such as transfer \(first.id)"
    }

    private func isAcknowledged(
        _ request: TransferRequest, besides write: JournalWrites.Write
    ) -> Bool {
        acknowledgements[request, default: 0] > (write.settled == .acknowledged ? 1 : 0)
    }

    /// Looks at an account that was to be opened or closed.
    ///
    /// - Parameter account: as the bank has it; `nil` where it has none, or cannot be asked.
    mutating func check(_ write: JournalWrites.Write, _ account: Account?) {
        switch (write.settled, write.content) {
        case (.pending, _): pending += 1
        case (_, .other): ofLaterVersions += 1
        case (.acknowledged, .open(let request)) where write.account != nil:
            opened.count(Self.fault(of: request, write.account, account))
        case (.acknowledged, .close(let number, _)):
            closed.count(
                account?.closedAt == nil
                    ? "account \(number.grouped): told to be closed, and "
                        + (account == nil ? "not there" : "open") : nil)
        default: ofAccounts += 1
        }
    }

    private static func fault(
        of request: OpenAccount, _ number: AccountNumber?, _ account: Account?
    ) -> String? {
        let name = "account \(number?.grouped ?? ""): opened, and"
        guard let account else { return "\(name) not there" }
        return request.isRecorded(as: account) ? nil : "\(name) there with other content"
    }

    private static func faultOfDone(
        _ request: TransferRequest, _ found: [Transfer]
    ) -> String? {
        let name = "transfer \(request.id): acknowledged, and"
        guard let record = found.first else { return "\(name) not there" }
        guard found.count == 1 else { return "\(name) there \(found.count) times" }
        if let refusal = record.refusal { return "\(name) there as refused (\(refusal))" }
        return request.isRecorded(as: record) ? nil : "\(name) there with other content"
    }

    private static func faultOfUndone(
        _ request: TransferRequest, _ found: [Transfer], _ told: String
    ) -> String? {
        isDone(request, found) ? "transfer \(request.id): told to be \(told), and done" : nil
    }

    /// Another content under the same id is another transfer.
    private static func isDone(_ request: TransferRequest, _ found: [Transfer]) -> Bool {
        found.contains { $0.isDone && request.isRecorded(as: $0) }
    }
}

extension AuditView.Check {
    fileprivate init(_ name: String) {
        self.init(name: "journal: \(name)", counted: 0, broken: 0, examples: [])
    }

    /// Counts a case, and why it is broken if it is.
    fileprivate mutating func count(_ fault: String?) {
        counted += 1
        guard let fault else { return }
        broken += 1
        if examples.count < JournalAudit.mostExamples { examples.append(fault) }
    }
}
