import BalanceAPI
import GRPCCore
import TestSupport
import Testing

@testable import BalanceService

extension ServiceTests {
    /// Everybody asks each rpc for what is not hers.
    @Suite(.timeLimit(.minutes(5)))
    struct RPCRightsTests {
        static let methods =
            Teller_Balance_V1_Balances.Method.descriptors
            + Teller_Balance_V1_Ledger.Method.descriptors
            + Teller_Identity_V1_Identity.Method.descriptors
            + Grpc_Health_V1_Health.Method.descriptors

        @Test func everyMethodHasARule() {
            #expect(Set(RPCRules.all.keys) == Set(Self.methods))
            #expect(RPCRules.all.values.allSatisfy { !$0.isEmpty })
        }

        @Test func whatIsNotHersNobodyGets() async throws {
            try await withBank { url in
                let subject = try await RightsSubject.make(in: url)
                let rules = Dictionary(
                    uniqueKeysWithValues: RPCRules.all.map { ("\($0.key)", $0.value) })
                let faults = try await withService(url, asking: nil) { service in
                    for (session, request) in subject.requests {
                        let asker = RPCAsker(service, .of(session), "")
                        let made = try await service.ledger.submitTransfers(
                            asker.batch(of: request))
                        #expect(RightsVerdict(made) == .done)
                    }
                    return try await RightsMatrix<RPCAsker>(url, subject, isFormChecked: false) {
                        RPCAsker(service, $0, $1)
                    }.faults(rules)
                }
                #expect(faults == [])
                #expect(try await brokenInvariants(url) == [])
            }
        }
    }
}
