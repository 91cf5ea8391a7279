import BankAPI
import BankClient
import Ledger

/// What a journal says, held against what a ledger has.
struct JournalAudit: Sendable {
    /// How many writes were acknowledged that have a transfer.
    private let acknowledgements: [TransferRequest: Int]

    private var acknowledged = Check(journal: "what was done is there once, as requested")
    private var refused = Check(journal: "what was refused is not done")
    private var notDone = Check(journal: "what was not done is not there")
    private var linked = Check(journal: "of linked transfers all are there, or none")
    private var opened = Check(journal: "what was opened is there, as requested")
    private var closed = Check(journal: "what was closed is closed")
    private(set) var pending = 0
    /// Whose the pending ones are.
    private var owners: Set<String> = []
    let ofOtherLedgers: Int
    /// Accounts that were not opened or not closed, or whose number the journal does not have, as
    /// one of an earlier version: the bank cannot be asked about them.
    private(set) var ofAccounts = 0
    /// Requests of later tellers that this one does not know.
    private(set) var ofLaterVersions = 0
    let unreadableLines: [Int]

    init(of journalled: JournalWrites, _ damage: [JournalDamage]) {
        acknowledgements = journalled.acknowledgements
        ofOtherLedgers = journalled.ofOtherLedgers
        unreadableLines = damage.map(\.line)
    }

    var checks: [Check] { [acknowledged, refused, notDone, linked, opened, closed] }

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
        if state == .pending { countPending(write) }
        if write.isLinked { linked.count(faultOfGroup(write, records)) }
    }

    private mutating func countPending(_ write: JournalWrites.Write) {
        pending += 1
        if let user = write.user { owners.insert(user.printable.shortened(toColumns: 32)) }
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
        case (.pending, _): countPending(write)
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

extension JournalAudit {
    /// What is neither right nor wrong; `nil` when there is nothing to say.
    var note: String? {
        let whose = owners.isEmpty ? "" : ", of \(owners.sorted().joined(separator: ", "))"
        let counts = [
            (pending, "pending\(whose): 'teller resume' settles them."),
            (ofOtherLedgers, "meant for other ledgers: left out."),
            (
                ofAccounts,
                "to open or close an account: left out, as refused, not done, or without the "
                    + "account's number."
            ), (ofLaterVersions, "of a later teller's kind: left out."),
        ]
        var notes = counts.filter { $0.0 > 0 }.map { "\($0) \($1)" }
        if let first = unreadableLines.first {
            let others = unreadableLines.count == 1 ? "" : " and \(unreadableLines.count - 1) more"
            notes.append("Line \(first)\(others) cannot be read: left out.")
        }
        return notes.isEmpty ? nil : "Journal: " + notes.joined(separator: " ")
    }

    /// Why it is not known whether all of the journal is right, if it is not.
    var failure: TellerError? {
        guard let first = unreadableLines.first else { return nil }
        let others = unreadableLines.count == 1 ? "" : ", and \(unreadableLines.count - 1) more,"
        return TellerError(
            .dataError,
            "line \(first) of the journal\(others) may have been sent, and cannot be read")
    }
}

extension JournalAudit: Encodable {
    private enum CodingKeys: String, CodingKey {
        case checks, pending
        case ofOtherLedgers = "of_other_ledgers"
        case ofAccounts = "of_accounts"
        case ofLaterVersions = "of_later_versions"
        case unreadableLines = "unreadable_lines"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(checks, forKey: .checks)
        try container.encode(pending, forKey: .pending)
        try container.encode(ofOtherLedgers, forKey: .ofOtherLedgers)
        try container.encode(ofAccounts, forKey: .ofAccounts)
        try container.encode(ofLaterVersions, forKey: .ofLaterVersions)
        try container.encode(unreadableLines, forKey: .unreadableLines)
    }
}
