extension JournalAudit {
    /// What is neither right nor wrong; `nil` when there is nothing to say.
    var note: String? {
        var notes: [String] = []
        if pending > 0 { notes.append("\(pending) pending: 'teller resume' settles them.") }
        if ofOtherLedgers > 0 {
            notes.append("\(ofOtherLedgers) meant for other ledgers: left out.")
        }
        if ofAccounts > 0 {
            notes.append(
                "\(ofAccounts) to open or close an account: left out, as refused, not done, or without "
                    + "the account's number.")
        }
        if ofLaterVersions > 0 {
            notes.append("\(ofLaterVersions) of a later teller's kind: left out.")
        }
        if let first = unreadableLines.first {
            let others = unreadableLines.count == 1 ? "" : " and \(unreadableLines.count - 1) more"
            notes.append("Line \(first)\(others) cannot be read: left out.")
        }
        return notes.isEmpty ? nil : "Journal: " + notes.joined(separator: " ")
    }
}

extension JournalAudit {
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
