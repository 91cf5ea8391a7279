import BankAPI
import Ledger
import TestSupport

/// One of many who ask at once, and so share batches: for her own account's balance, to pay from it, and now
/// and then for another's.
struct MixedCaller: LoadCaller {
    /// Who signs out.
    struct Endings: Sendable {
        var begun: Set<String> = []
        var answered: Set<String> = []
    }

    let session: TestSession
    let own: AccountNumber
    let others: [AccountNumber]
    let endings: Shared<Endings>
    var random: SeededGenerator

    mutating func ask(
        on connection: inout BankConnection
    ) async throws -> (reply: Reply, failure: String?) {
        guard let other = others.randomElement(using: &random) else {
            throw TestFailure("she is alone")
        }
        // Few enough that she is not told to wait.
        let isHers = random.chance(80)
        let account = isHers ? own : other
        let hasEnded = endings.answered.contains(session.user)
        let headers = ["authorization": session.authorization]
        let reply: Reply
        var wanted = account.compact
        if random.chance(50) {
            reply = await connection.send(
                "GET", BankRoute.balance(of: account), headers: headers, timeout: .seconds(30))
        } else {
            let request = TransferRequest(
                id: Identifier(high: random.next(), low: random.next()),
                action: .transfer(
                    debit: account, credit: isHers ? other : own,
                    amount: Money(minorUnits: 1, currency: .usd)))
            wanted = "\(request.id)"
            reply = await connection.send(
                "POST", BankRoute.transfers,
                body: try BankJSON.encode(TransferSubmission(request)), headers: headers,
                timeout: .seconds(30))
        }
        guard case .answered(let answer) = reply else { return (reply, "\(reply)") }
        let isRight: Bool =
            switch answer.status {
            case 401: endings.begun.contains(session.user)
            case 200: isHers && !hasEnded && answer.body.contains(wanted)
            default: !isHers && !hasEnded && answer.problemCode == "account_unknown"
            }
        let what = "\(session.user), hers: \(isHers), ended: \(hasEnded), \(wanted)"
        return (reply, isRight ? nil : "\(what): \(answer.status) \(answer.body)")
    }
}
