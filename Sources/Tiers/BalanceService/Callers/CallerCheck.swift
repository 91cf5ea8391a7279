import Certificates
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Logging

/// Lets a tier call only what ``CallersOfMethods`` has for it, by the certificate that TLS has verified.
///
/// The certificate is parsed for each call, and a batch is no call of its own: it comes on a stream that
/// stays.
struct CallerCheck: ServerInterceptor {
    let logger: Logger

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>, context: ServerContext,
        next:
            @Sendable (StreamingServerRequest<Input>, ServerContext) async throws
            -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context
        let caller = transport?.peerCertificate.flatMap { TierName($0) }
        guard let caller, CallersOfMethods.table[context.descriptor]?.contains(caller) == true
        else {
            logger.warning(
                "caller not allowed",
                metadata: [
                    "method": "\(context.descriptor)",
                    "caller": .string(caller?.spiffeID ?? "no tier"),
                ])
            throw RPCError(
                code: .permissionDenied, message: "this certificate's tier may not call this method"
            )
        }
        return try await next(request, context)
    }
}
