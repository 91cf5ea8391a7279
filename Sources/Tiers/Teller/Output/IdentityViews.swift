import BankAPI
import Chain
import Ledger

/// Who is signed in, and until when.
struct MeView: View {
    var me: Me
    var bank: BankName
    var ledger: Identifier

    func lines(on terminal: Terminal) -> [String] {
        var receipt = Receipt(headline: "\(me.user), \(me.rights.rawValue)")
        receipt.append("bank", bank.text)
        receipt.append("ledger", ledger.description)
        receipt.append("session", me.session.id.description)
        receipt.append(
            "ends",
            "\(me.session.idleAt.forPeople) unless it is used before, at the latest "
                + me.session.expiresAt.forPeople)
        return receipt.lines(on: terminal)
    }

    func json() throws(TellerError) -> String {
        let facts = ["bank": bank.bank, "server": bank.server, "ledger": ledger.description]
        return try JSONText.object(Members(me, and: facts))
    }
}

/// A person's sessions as a table or as JSON.
struct SessionsView: View {
    var sessions: [Session]

    func lines(on terminal: Terminal) -> [String] {
        guard !sessions.isEmpty else { return ["No sessions."] }
        var table = TextTable(columns: [
            .init(title: ""), .init(title: "SESSION"), .init(title: "OPENED (UTC)"),
            .init(title: "LAST USED (UTC)"), .init(title: "FROM", goesBelow: true),
            .init(title: "CLIENT", goesBelow: true),
        ])
        for session in sessions {
            table.append([
                session.isCurrent ? "*" : "", session.id.description,
                session.openedAt.text(hasTime: true), session.lastUsedAt.text(hasTime: true),
                session.source?.shortened(toColumns: 60) ?? "",
                session.client?.description.shortened(toColumns: 60) ?? "",
            ])
        }
        return table.lines(on: terminal)
    }

    func json() throws(TellerError) -> String { try JSONText.array(sessions) }
}

/// What happened to people and sessions, as a table or as JSON.
struct SecurityLogView: View {
    /// The newest first.
    var events: [SecurityLogPage.Event]
    var hasMore: Bool

    func lines(on terminal: Terminal) -> [String] {
        guard !events.isEmpty else { return ["Nothing has happened."] }
        var table = TextTable(columns: [
            .init(title: "AT (UTC)"), .init(title: "EVENT"), .init(title: "USER"),
            .init(title: "BY"), .init(title: "FROM", goesBelow: true),
            .init(title: "TRACE", goesBelow: true),
        ])
        for event in events {
            let others = [event.user, event.by, event.source, event.traceID]
            table.append(
                [event.at.text(hasTime: true), event.event.shortened(toColumns: 40)]
                    + others.map { $0?.shortened(toColumns: 60) ?? "" })
        }
        return table.lines(on: terminal)
            + (hasMore ? ["", "There are older ones: --limit says how many to show."] : [])
    }

    func json() throws(TellerError) -> String { try JSONText.array(events) }
}

/// A user's random password, told once.
struct NewPasswordView: View {
    var headline: String
    var answer: NewPassword

    func lines(on terminal: Terminal) -> [String] {
        var receipt = Receipt(headline: headline)
        receipt.append("rights", answer.rights.rawValue)
        receipt.append("password", answer.password.text)
        return receipt.lines(on: terminal)
            + ["", "It is shown this once: change it with 'teller passwd' after signing in."]
    }

    func json() throws(TellerError) -> String { try JSONText.object(answer) }
}
