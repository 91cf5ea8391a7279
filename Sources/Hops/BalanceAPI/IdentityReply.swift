public import SwiftProtobuf

/// What every reply of `teller.identity.v1` has.
public protocol IdentityReply: SwiftProtobuf.Message {
    /// Why nothing was done.
    var refusal: Teller_Identity_V1_Refusal { get set }
    /// Whether nothing was.
    var hasRefusal: Bool { get }
}

extension Teller_Identity_V1_SessionReply: IdentityReply {}
extension Teller_Identity_V1_SessionsReply: IdentityReply {}
extension Teller_Identity_V1_EndedReply: IdentityReply {}
extension Teller_Identity_V1_PasswordReply: IdentityReply {}
extension Teller_Identity_V1_EventsReply: IdentityReply {}
