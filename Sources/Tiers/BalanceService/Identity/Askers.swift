import BalanceAPI
import Bytes
import Chain
import GRPCProtobuf
import Ledger

/// Who asks of the ledger, and what they tried in vain.
struct Askers: Sendable {
    let sessions: SessionCache
    let tries: RefusedTries

    /// Those of a batch.
    ///
    /// - Throws: `PostgresError`: without the database nobody is anybody.
    func callers(
        _ callers: [Teller_Balance_V1_Caller], deadline: Deadline
    ) async throws -> CallerSessions {
        var found = try await sessions.callers(of: callers.map(\.token), deadline: deadline)
        found.exhausted = tries.exhausted(
            among: found.sessions.lazy.compactMap { $0?.asker.name })
        return found
    }

    /// The one of a call of its own.
    ///
    /// - Parameter act: What she must have the right to, whatever it is about.
    /// - Throws: `GoogleRPCStatus` that says why she gets no answer; `PostgresError`.
    func caller(
        _ caller: Teller_Balance_V1_Caller, for act: Act? = nil, deadline: Deadline
    ) async throws -> CallerSession {
        let callers = try await callers([caller], deadline: deadline)
        guard let session = callers[1] else {
            tries.note(nil, Origin(caller))
            throw BalanceErrorReason.unauthenticated.status("the caller has not signed in")
        }
        guard !callers.mustWait(session) else {
            throw BalanceErrorReason.tooManyTries.status("the caller has to wait")
        }
        if let act, !session.asker.may(act) {
            tries.note(session, Origin(caller))
            throw BalanceErrorReason.forbidden.status("that is for the bank's operators")
        }
        return session
    }

    /// What a member of a batch asked for is not there, or not for her.
    func note(
        _ context: Teller_Balance_V1_CallContext, among callers: [Teller_Balance_V1_Caller],
        _ session: CallerSession?, isOfRights: Bool = true
    ) {
        let place = Int(context.caller)
        var origin = Origin(
            place > 0 && place <= callers.count ? callers[place - 1] : Teller_Balance_V1_Caller())
        let id = UInt128(context.traceIDHigh) << 64 | UInt128(context.traceIDLow)
        origin.traceID = id == 0 ? nil : id.hexadecimal
        tries.note(session, origin, isOfRights: isOfRights)
    }
}
