import BankAPI
import Foundation
import Ledger
import TestSupport
import Testing
import Yams

extension ChainTests {
    /// Everybody asks each route for what is not hers.
    @Suite(.timeLimit(.minutes(5)))
    struct RouteRightsTests {
        /// As openapi.yaml has them, which another test holds against the routes.
        @Test func everyRouteHasARule() throws {
            let yaml = String(decoding: BankOpenAPI.yaml, as: UTF8.self)
            let paths = try #require(try Yams.compose(yaml: yaml)?["paths"]?.mapping)
            let routes = paths.flatMap { path, methods in
                (methods.mapping?.keys.compactMap(\.string) ?? []).map {
                    "\($0.uppercased()) \(path.string ?? "")"
                }
            }
            #expect(Set(RouteRules.all.keys) == Set(routes))
            #expect(RouteRules.all.values.allSatisfy { !$0.isEmpty })
        }

        @Test func whatIsNotHersNobodyGets() async throws {
            try await ChainHarness.with { chain async throws in
                let subject = try await RightsSubject.make(in: chain.database)
                for (session, request) in subject.requests {
                    let made = try await chain.answer(
                        "POST", BankRoute.transfers,
                        try BankJSON.encode(TransferSubmission(request)),
                        authorization: session.authorization)
                    #expect(made.status == 200, "\(made.body)")
                }
                let (address, log) = (chain.bank.address, chain.bank.process)
                let matrix = RightsMatrix<RouteAsker>(
                    chain.database, subject, isFormChecked: true
                ) { RouteAsker(address, $0, $1) }
                let faults = try await matrix.faults(RouteRules.all) { traceID in
                    log.output.split(separator: "\n").contains {
                        $0.contains(traceID) && $0.contains("unauthenticated")
                    }
                }
                #expect(faults == [])
                let audit = try await chain.teller("audit")
                #expect(audit.status == 0, "\(audit.output)")
            }
        }
    }
}
