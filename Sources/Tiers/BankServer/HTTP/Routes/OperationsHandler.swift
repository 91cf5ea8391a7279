import BalanceClient
import BankAPI
import HTTPFront
import NIOCore
import NIOHTTP1

/// The routes for those who run the server.
struct OperationsHandler: Sendable {
    let services: BalanceServices
    let drain: DrainState
    let sources: RequestSources
    /// Whether whoever connects is on this machine.
    let isOnThisMachine: Bool

    /// - Parameter peer: Who is at the other end of the connection: what is behind is told only to somebody on
    ///   this machine, and not through a proxy.
    /// - Returns: `nil` for the bank's own routes.
    func answer(_ route: MatchedRoute, peer: String?) -> Response? {
        switch route {
        case .health: .json(ByteBuffer(string: #"{"status":"alive"}"#))
        case .readiness: readiness(tellsWhatIsBehind: isOnThisMachine && sources.isDirect(peer))
        case .openAPI:
            Response(
                status: .ok, headers: ["content-type": "application/yaml"],
                body: ByteBuffer(bytes: BankOpenAPI.yaml))
        default: nil
        }
    }

    private func readiness(tellsWhatIsBehind: Bool) -> Response {
        let services = services.conditions.enumerated().map { index, condition in
            Readiness.BalanceService(
                name: "\(ProblemTier.balanceService.rawValue) \(index + 1)",
                status: condition?.description ?? "ready")
        }
        let isReady = !drain.isDraining && services.contains { $0.status == "ready" }
        let readiness = Readiness(
            status: drain.isDraining ? "draining" : isReady ? "ready" : "not ready",
            balanceServices: tellsWhatIsBehind ? services : [])
        var response = Response.json(BankJSON.body(readiness))
        if !isReady {
            response.status = .serviceUnavailable
            response.headers.add(name: "retry-after", value: "1")
        }
        return response
    }
}
