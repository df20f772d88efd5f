// The routes about the identity provider.
#include <array>

#include "service/resources/identity/identity.h"

namespace weir::api {
namespace {

constexpr std::array kBeginQuery = {
    QueryRule{.name = "return", .help = "a path of ours to go on at; the start page unless said"}};
constexpr std::array kBackQuery = {QueryRule{.name = "state", .help = "as the provider was given it"},
                                   QueryRule{.name = "code", .help = "for which the provider gives an ID token"},
                                   QueryRule{.name = "iss", .help = "the provider that answers (RFC 9207)"},
                                   QueryRule{.name = "error", .help = "why the provider signs nobody in"}};

constexpr std::array kRoutes = {
    Route{.method = "GET",
          .pattern = "/sign-in",
          .operation = "getSignIn",
          .permission = "",
          .summary = "How people sign in here: with passwords, through a provider, or both.",
          .takes = "",
          .gives = "SignInWays",
          .handler = getSignIn,
          .object = Object::none},
    Route{.method = "GET",
          .pattern = "/sign-in/provider",
          .operation = "beginAtProvider",
          .permission = "",
          .summary = "Sends a browser to the identity provider, to sign in there.",
          .takes = "",
          .gives = "",
          .status = 303,
          .handler = beginAtProvider,
          .query = kBeginQuery,
          .object = Object::none,
          .also = "404|502"},
    Route{.method = "GET",
          .pattern = "/sign-in/provider/callback",
          .operation = "comeFromProvider",
          .permission = "",
          .summary = "Where the provider sends the browser back to; signs in, links or confirms.",
          .takes = "",
          .gives = "",
          .status = 303,
          .handler = comeFromProvider,
          .query = kBackQuery,
          .object = Object::none,
          .also = "403|404|409|502",
          .otherQuery = true},
    Route{.method = "POST",
          .pattern = "/sign-in/provider/logout",
          .operation = "signOutFromProvider",
          .permission = "",
          .summary = "Back-channel logout: the provider tells that somebody has signed out there.",
          .takes = "LogoutForm",
          .gives = "",
          .status = 204,
          .handler = signOutFromProvider,
          .object = Object::none,
          .also = "404|502",
          .bodyType = kForm},
    Route{.method = "POST",
          .pattern = "/session/confirm/provider",
          .operation = "confirmAtProvider",
          .permission = "",
          .summary = "Where to give the password once more, for those who sign in through the provider.",
          .takes = "ProviderAsk",
          .gives = "ProviderLocation",
          .handler = confirmAtProvider,
          .object = Object::self,
          .ofPerson = true,
          .also = "502"},
    Route{.method = "POST",
          .pattern = "/me/provider",
          .operation = "linkProvider",
          .permission = "",
          .summary = "Where to sign in at the provider, so that one's account is linked with it.",
          .takes = "ProviderAsk",
          .gives = "ProviderLocation",
          .handler = linkProvider,
          .object = Object::self,
          .asksPassword = true,
          .ofPerson = true,
          .also = "502"},
    Route{.method = "DELETE",
          .pattern = "/me/provider",
          .operation = "unlinkProvider",
          .permission = "",
          .summary = "Unlinks one's account from the provider.",
          .takes = "",
          .gives = "",
          .status = 204,
          .handler = unlinkProvider,
          .object = Object::self,
          .asksPassword = true,
          .ofPerson = true},
};

}  // namespace

std::span<const Route> providerRoutes() { return kRoutes; }

}  // namespace weir::api
