import BalanceAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Ledger
import SwiftProtobuf
import TestSupport

@testable import BalanceService

/// Somebody who asks an rpc, as the tier in front says it.
struct RPCAsker: Sendable {
    typealias Rule = RightsRule<RPCAsker>
    typealias Query = Teller_Balance_V1_BalanceQuery
    typealias Group = Teller_Balance_V1_TransferGroup

    let service: RunningService
    let caller: Teller_Balance_V1_Caller

    init(_ service: RunningService, _ token: RightsMatrix<RPCAsker>.Token, _ traceID: String) {
        self.service = service
        caller = .with {
            switch token {
            case .none: break
            case .malformed: $0.token = Data(repeating: 7, count: 31)
            case .of(let session): $0.token = Data(session.token)
            }
            // Of one address not all tries would be kept.
            $0.source = "source-\(traceID.prefix(12))"
            $0.traceID = traceID
        }
    }

    var identity: Teller_Identity_V1_Identity.Client<HTTP2ClientTransport.Posix> {
        .init(wrapping: service.client)
    }

    /// Beside the one member of a batch.
    private var context: Teller_Balance_V1_CallContext {
        .with {
            let id = UInt128(caller.traceID, radix: 16) ?? 0
            $0.caller = 1
            $0.traceIDHigh = UInt64(truncatingIfNeeded: id >> 64)
            $0.traceIDLow = UInt64(truncatingIfNeeded: id)
        }
    }

    /// A batch of one query.
    func balance(
        _ number: AccountNumber, at time: Int64? = nil
    ) -> Teller_Balance_V1_BalancesRequest {
        .with { request in
            request.callers = [caller]
            request.queries = [
                .with {
                    $0.account = number.compact
                    $0.context = context
                    if let time { $0.atMicroseconds = time }
                }
            ]
        }
    }

    func transfer(_ action: TransferRequest.Action) -> Teller_Balance_V1_SubmitTransfersRequest {
        batch(of: TransferRequest(id: .random(), action: action))
    }

    /// A batch of one transfer.
    func batch(of transfer: TransferRequest) -> Teller_Balance_V1_SubmitTransfersRequest {
        .with { request in
            request.callers = [caller]
            request.groups = [
                .with {
                    $0.transfers = [.init(transfer)]
                    $0.context = context
                }
            ]
        }
    }
}

/// What a call comes to, also one that fails as a whole.
func verdict(_ body: () async throws -> RightsVerdict) async throws -> RightsVerdict {
    do {
        return try await body()
    } catch let error as RPCError {
        guard let reason = BalanceErrorReason(of: error) else { throw error }
        return RightsVerdict(reason.rawValue.lowercased(), error.message)
    }
}

extension RightsVerdict {
    init(_ reply: Teller_Balance_V1_BalancesResponse) {
        let refusal = reply.outcomes.first?.refusal ?? .init()
        switch refusal.code {
        case .unspecified: self = reply.outcomes.first?.outcome == nil ? .init("none") : .done
        case .unauthenticated: self.init("unauthenticated", refusal.message)
        case .accountUnknown: self.init("account_unknown", refusal.message)
        default: self.init("\(refusal.code)", refusal.message)
        }
    }

    init(_ reply: Teller_Balance_V1_SubmitTransfersResponse) {
        let group = reply.groups.first ?? .init()
        switch (group.failure, group.outcomes.first?.outcome) {
        case (.unspecified, .done): self = .done
        case (.unspecified, .refused(let code)): self.init(code)
        case (.unauthenticated, _): self.init("unauthenticated")
        default: self.init("\(group.failure)")
        }
    }

    init(_ reply: some IdentityReply) {
        self.init(reply.refusal.code, reply.refusal.detail)
    }
}
