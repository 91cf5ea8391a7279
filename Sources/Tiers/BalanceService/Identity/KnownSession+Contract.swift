import BalanceAPI
import Ledger

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Teller_Identity_V1_Person {
    init(_ session: KnownSession) {
        self.init()
        user = session.user
        rights = session.rights
    }
}

extension Teller_Identity_V1_Session {
    /// - Parameter current: The session of whoever asks.
    init(_ session: KnownSession, current: Identifier) {
        self.init()
        id = Data(session.id.bytes)
        client = session.client ?? ""
        source = session.source ?? ""
        openedAtMicroseconds = session.openedAt.microseconds
        lastUsedAtMicroseconds = session.lastUsedAt.microseconds
        idleAtMicroseconds = min(session.idleAt, session.expiresAt).microseconds
        expiresAtMicroseconds = session.expiresAt.microseconds
        isCurrent = session.id == current
    }
}
