import BalanceAPI
import BankAPI
import Chain
import Ledger
import NIOCore
import SwiftProtobuf

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension BankRequest {
    /// Where it came from.
    var origin: Teller_Balance_V1_Caller {
        .with {
            $0.source = source ?? ""
            $0.traceID = trace.traceIDText
        }
    }

    /// Who asks and from where, for tier 3 to judge.
    var asker: Teller_Balance_V1_Caller {
        var caller = origin
        if let token { caller.token = Data(token.bytes) }
        return caller
    }
}

extension Problem {
    /// - Returns: `nil` when its code is no name, or one that hop 1 has for something else.
    static func refused(_ refusal: Teller_Identity_V1_Refusal) -> Problem? {
        let isKnown = IdentityRefusal(rawValue: refusal.code) != nil
        guard refusal.code.isCodeName, isKnown || !ProblemCode(rawValue: refusal.code).isKnown
        else { return nil }
        let seconds = Int(refusal.retryAfterSeconds)
        return Problem(
            ProblemCode(refusal: refusal.code), detail: refusal.detail, tier: .balanceService,
            retryAfter: seconds > 0 ? seconds : nil)
    }
}

extension Me {
    init(_ reply: Teller_Identity_V1_SessionReply) throws {
        self.init(
            user: reply.person.user, rights: Rights(rawValue: reply.person.rights),
            session: try Session(reply.session))
    }
}

extension Session {
    init(_ session: Teller_Identity_V1_Session) throws {
        guard let id = Identifier(bytes: session.id) else {
            throw ContractError("a session's id is not a UUID of 16 bytes")
        }
        self.init(
            id: id, client: try session.client.nonEmpty.map { try ShortText($0) },
            source: session.source.nonEmpty,
            openedAt: Timestamp(microseconds: session.openedAtMicroseconds),
            lastUsedAt: Timestamp(microseconds: session.lastUsedAtMicroseconds),
            idleAt: Timestamp(microseconds: session.idleAtMicroseconds),
            expiresAt: Timestamp(microseconds: session.expiresAtMicroseconds),
            isCurrent: session.isCurrent)
    }
}

extension SecurityLogPage.Event {
    init(_ event: Teller_Identity_V1_Event) {
        self.init(
            number: event.number, at: Timestamp(microseconds: event.atMicroseconds),
            event: event.event, user: event.user.nonEmpty, by: event.by.nonEmpty,
            source: event.source.nonEmpty, traceID: event.traceID.nonEmpty)
    }
}

extension String {
    /// Hop 2 has empty texts for those that are absent.
    var nonEmpty: String? { isEmpty ? nil : self }
}
