import BalanceAPI
import Certificates
import GRPCCore

/// Which tier may call which method. What is not here, nobody may call.
enum CallersOfMethods {
    static let table: [MethodDescriptor: Set<TierName>] = [
        Grpc_Health_V1_Health.Method.Check.descriptor: [.bankServer, .balanceService],
        Grpc_Health_V1_Health.Method.Watch.descriptor: [.bankServer],
        Teller_Balance_V1_Balances.Method.GetBalances.descriptor: [.bankServer],
        Teller_Balance_V1_Balances.Method.StreamBalances.descriptor: [.bankServer],
        Teller_Balance_V1_Balances.Method.ListAccounts.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.SubmitTransfers.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.StreamTransfers.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.GetTransfers.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.OpenAccount.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.CloseAccount.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.GetStatement.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.RunAudit.descriptor: [.bankServer],
        Teller_Balance_V1_Ledger.Method.GetLedger.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.OpenSession.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.GetSession.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.ListSessions.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.EndSessions.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.ChangePassword.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.AddPerson.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.DisablePerson.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.ResetPerson.descriptor: [.bankServer],
        Teller_Identity_V1_Identity.Method.ListEvents.descriptor: [.bankServer],
    ]
}
