// Tokens that were signed by Node.js: what their names say, else all is well.
#pragma once

#include <string_view>

namespace weir::auth::signed_tokens {

inline constexpr std::string_view kKeys =
    R"({"keys":[{"kty":"RSA",
"n":"u45DFvPhCFtyCZPDSHdOADib9GUT_H1FTELyJFAz7SncMQhaVJKTW4c27Bh8Gi5vR_j84Cks84UnyTs6NAiRjUvmxOAac2DcYq5L3s1vJ56LoNJeKH65C5N3E58Opi7TPikpqfxc5YgK-U0WNuIHT2HCtJXru5021O_owqDU2SNCROw0aNTT3DskxFLSH5tYIWXPvmBjDP1n1QOJk5caZHwBxcxH2896fscwfWweJSKSrabVO00yMLrW6RR_TzcN9jt2AxtmONPWmST55i1mqm5oimLKA5edWuU0_aGtreQWREEbJ-HhGYT5jdhWwjPuatmDhSGfsFjfMtseGUarYw","e":"AQAB","kid":"r","use":"sig"},
{"kty":"EC","x":"ZvVwky3y76Kp9m0-Pgf5GmfPYhS1b0wPaIssi0xqEyQ","y":"768P_Bq3iQ8CNwntBI9HEUGAMbUbLPl1sgPdvQHjrfQ","crv":"P-256","kid":"e","use":"sig"},
{"crv":"Ed25519","x":"RvWaTbV8gv3Tr9pmRzKDIe9rme-0DAgMSuhHBLVox5A","kty":"OKP","kid":"d","use":"sig"},
{"kty":"RSA",
"n":"5pdxix0mrOKvbMkPxXHJoNaVajHCP3UkNvKSlDpYfGi9vu9hzQ9bJ7Wr1QFKRmJK0BTeeC6F6VICj_lI88msgoUOYI7385AUdWot0GhKA1gCC-6xV5IMV0dobd21pgXUlKLQVYHfq6P-Pu7TEZ1QnfJ34ipKzH2GLwFAruhOFxs","e":"AQAB","kid":"w","use":"sig"},
{"kty":"oct","kid":"o","k":"c2VjcmV0"}]})";
inline constexpr std::string_view kRs256 =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.fEbopY1YUze63OO6aPTedNdGZC93tQnfAwJX04"
    "QQBtxu9oJnOf6_e-moT95ay4-lNYzeVd_BqO0GgcezeG4HJ9kgh4DzRyc6ml8tUaHJGeizDdEVxlbrw3pzjgsfTQWB5SB7-GjnRd"
    "xcJ2ErMXL5QRv5i5oRUZcZ3DkKavetN5gugSR3SJ9F8cKwkf5ryQXQl3R-wR3L4SyxetOWM4QbMF0kOwrkxtbeIDwrq6b6zUAjdA"
    "yCIPL0bq9hOGkQ2XueT-tDXfWlmlsX2Z1EJv0hnSIoulbwuhQvJ41QoiVmpKipSHOR8ANiKlYZIQj134WVhkZb_Ixwp9PjS2PHbY"
    "Za-Q";
inline constexpr std::string_view kPs256 =
    "eyJhbGciOiJQUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.RBVmm8gOlxeYz9iujOyL8ZyFmSBBdD6Hmi-lLL"
    "jXgCPE3pcpmgkhjW5aQFIMg23Ata_OvhPml680-IKE5i1H2oAaZq7PNzxONmPunQBshgt7eFRP-igHT2npMd-5olQVIBS5fKjGYm"
    "W8FLXtZjSP7hcexGf116k7wsfMm8FPZG-FTtrpQ9xatD6tCx3vXjitgxBZ9V7sa1qG4UwRMPKTz8ewCfFLrqnQGKVLEQuQh4VGPW"
    "o06C56xO9n-RyUUzkOPtdphpkzBPja35c8pwvGkJN78ORKjDTYRuEwCmcLBGTGH7md5spjNEjRG6TCiBJqWTyLonAvIFq4Fz0lw1"
    "-EzQ";
inline constexpr std::string_view kEs256 =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.U0RV41DSs6mwkr9e8YebnNeYsUKequxwU_QjkF"
    "s_uHyTYrAyEHaCDkESCrwPeQWw4cqzh4zEIV9sCvYBXY5CQQ";
inline constexpr std::string_view kEdDsa =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.p8vzJHXQ21BLZyueNCQfWGHso8aDFRIwqFOqHA"
    "g6KvBUY1na1wUi2qpVAIGzE0c_4twhnEbYSk7Pj1xw1vCXAQ";
inline constexpr std::string_view kNone =
    "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiMjQ4Mjg5IiwiaWF0"
    "IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJqYW5lIiwi"
    "Z3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.";
inline constexpr std::string_view kHs256 =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.DeEo-AEQAdHBzrMUiu0hQbu-Ez9S6sgufCQ1gV"
    "KFcnI";
inline constexpr std::string_view kWeak =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IncifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.FexLpeSZQI5bYbNYG06_56B4f4VZMJKgmTxHAj"
    "dhVFktLjRoYNCGU-9bXkX7sRvs7uzXIXrd4lCF8Sr56ynazPsNN28HWk2jSouNHTGG2QWBVx78hH0x26wO3agzjuo4vmbrSG0aqf"
    "Mj1EVVYA_5HFd90t_cpi5hBo9l9jr6aNA";
inline constexpr std::string_view kOther =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.RvmczCsx5EfbheOY0vd6pvHxOgLnhOCOj-AJbb"
    "UGxus4glH1dWypq7L9etc7j5EEdybUaUqDTd2knQROKTuH-bAHU_Lg3PY20_MGCDp-mBWCcX2Z6ukeWgfeQ80kMLlzZGN5OjG2J7"
    "lzldG5UqHmCK43n-Mk_8LKZGXeAq-3aB7Dp-399_w1aBzQ0BSbO_x3DB9YNTIDFwjFCCux1FKpMVDGh3KQ1N5cpMPNzqNujytJmI"
    "i2F8-Ga8yepPMaKQIIOc5KMjz8ChXUvWgT6jAttApE1FTaiz8I2_1Sp6NGe-twIl7NPomCrVntxKpX7Ofj_t6fEobB6o3lXdzWAF"
    "po1Q";
inline constexpr std::string_view kInjected =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InIiLCJqa3UiOiJodHRwczovL2V2aWwuZXhhbXBsZS9rZXlzIiwiandrIjp7Imt0eSI6IlJT"
    "QSIsIm4iOiJueV9PNzJCVUQzRF9SOTJMdXI3enEzM2FmUGRtMFVCMnFqQmZIcjI2a0tYQzhpWkhwZ01OMHNycFlOajNJbm9LU3RF"
    "SE1CLU42bGVQSFBvQlE3NzBhVlFCbVQ5LWtGcmwzTjJjVzM4My1OTXpnOGNHZHVmR2YtZG45OU9jVWZiSmt5T2pxTlR2QWxmZlRE"
    "QVFyM1BnOVlSaFlhTTlZeTctdWZyNG02NGFrUjQybER2dDh1bENLOExicnJUSjFicVJ3SlVZT18yZFc3S1lTRGdOcl9nZHkzdEpZ"
    "bXYydHNaaWVTR2xhdVdqVjZRMUFFeE10OVBrU1RKeUNUa2doZ1lGSy1TTWFjajdPVDJ1NUlTR0tIQ000TTJac1lGa0c1MURIZDBf"
    "anFONmxvTXdlZ2l6ZnRwQWREeUlkTkFOZzVxWWNnR2xxdWppdzBBaVRjRktmOHB2dHciLCJlIjoiQVFBQiIsImtpZCI6InIiLCJ1"
    "c2UiOiJzaWcifX0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiMjQ4Mjg5IiwiaWF0Ijox"
    "NzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJqYW5lIiwiZ3Jv"
    "dXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.DK5SFgGXb0sfURu0Pky8-NPOtUkyGhMWYToRK8ohBZ9g4CO7eSaUqeoK8"
    "-WKwM-1lKmqvX0bEnEdzvLBTWWIG-Ob8iS5yFLC_ACsnVLT4DmTg7QGilte8Iv-cC_gBbQ5p1ulo9RNDZG2yAZfoLtY6wUdtcCeB"
    "EEx7TAtfa0KO81QBrC_NI1ZNq6SFI9qBllp6HEjETTDMWq4SZ2rUZgfumQ_zlMA75AZKXaLeg3qYyU_Nw5Rq5cpkuNiKDtIhe-6d"
    "VPOvAEqKDSr0CWkMrY80nR6HpZG2cg0B2Ea9kuKGycANkf7fl-mfbn-XzJFH4ZofUa0QY4gNIqR_INU2A2pnA";
inline constexpr std::string_view kConfused =
    "eyJhbGciOiJFUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.EnypZf2R8rgeCzvhs9No6PHebQUpyEhtrQMuSW"
    "JvWktOnBwfd8ub6OK9o77AZLa1ZpIri86sqQHmDgNciCzenHhEWQ7c2_52ujpI7PS34sNZZ46DBKOobgGyr7ckwpYU88DCWVmOEL"
    "fjxxUF8Rykn-qHFldyo5sXJcTuO5nZC0ceM-MdtcNZUB0HCUqxZ-xyrNEg0aA-EMsSc09QKcRMj1N4KOg7V3dZ_tXVhgDzQ8HKhj"
    "xPLCy5VjTR9aPhAIPKGr4qpQ981j7FvAq5WQDtzZhbXJj1lwh71brKtBqA4l817oRr0nzP4BvDmqMpzoJ_gQWkdQ-dUJMggQb1yC"
    "zvvg";
inline constexpr std::string_view kOtherIssuer =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUvIiwiYXVkIjoid2VpciIsInN1YiI6I"
    "jI0ODI4OSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMzAwLCJub25jZSI6Im4tMFM2IiwicHJlZmVycmVkX3VzZXJuY"
    "W1lIjoiamFuZSIsImdyb3VwcyI6WyJzYWxlcyIsIml0Il0sInNpZCI6InMxIn0.SsRupwSjuq_b6xiJJJX_YU6hz6HqabHe95TNZ"
    "xWAzvJwSbQYCjK36_2qgY0465GW9qqP8bEAhl339986TP8oDw";
inline constexpr std::string_view kOtherAudience =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJzb21lYm9keSIsInN1Y"
    "iI6IjI0ODI4OSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMzAwLCJub25jZSI6Im4tMFM2IiwicHJlZmVycmVkX3VzZ"
    "XJuYW1lIjoiamFuZSIsImdyb3VwcyI6WyJzYWxlcyIsIml0Il0sInNpZCI6InMxIn0.D0Iw9uFqnjTzdjB7GeGLrz9fchFgd0PQY"
    "5c7F_FXzspRx9u-KOh1sD8iMappFnOwVPyLdYWM5BSRurxi3CI0BA";
inline constexpr std::string_view kManyAudiences =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOlsid2VpciIsIm90aGVyI"
    "l0sInN1YiI6IjI0ODI4OSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMzAwLCJub25jZSI6Im4tMFM2IiwicHJlZmVyc"
    "mVkX3VzZXJuYW1lIjoiamFuZSIsImdyb3VwcyI6WyJzYWxlcyIsIml0Il0sInNpZCI6InMxIn0.WOG2qOsBzUC_M4e3fnDb6bRtk"
    "9x8Nbvw4Da99VFpkagDSug5fPltsLzlft9JjW03FFjUGsMzr0HuQFSqsRDYDA";
inline constexpr std::string_view kParty =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOlsid2VpciIsIm90aGVyI"
    "l0sInN1YiI6IjI0ODI4OSIsImlhdCI6MTcwMDAwMDAwMCwiZXhwIjoxNzAwMDAwMzAwLCJub25jZSI6Im4tMFM2IiwicHJlZmVyc"
    "mVkX3VzZXJuYW1lIjoiamFuZSIsImdyb3VwcyI6WyJzYWxlcyIsIml0Il0sInNpZCI6InMxIiwiYXpwIjoid2VpciJ9.BP2MYN0o"
    "B4Vdvc9NfEw7SSYjdZpZFcsSa2cRBOySgp0zRUcOIDww-k8WqAnob1hsLmkhGdHmQ69EEb1AmYvtDg";
inline constexpr std::string_view kOtherParty =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEiLCJhenAiOiJvdGhlciJ9.qn-r0k8_8LRumOX1OvDk"
    "a8M9L4lbrCEvalXOrLcCcUwogC5x07RFG8fpfSTNWmmOChcoNImpD-2jlROd9c-dAw";
inline constexpr std::string_view kNoTimes =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJub25jZSI6Im4tMFM2IiwicHJlZmVycmVkX3VzZXJuYW1lIjoiamFuZSIsImdyb3Vwc"
    "yI6WyJzYWxlcyIsIml0Il0sInNpZCI6InMxIn0.V76plgKXZbTKWmomsfDLc9C4fyZwUB3CSgLFGUxLSqNYEHU_9jxdwjs-42jOB"
    "QjE62Pl7WtTcGB7awJhetgoBw";
inline constexpr std::string_view kNotYet =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiM"
    "jQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hb"
    "WUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEiLCJuYmYiOjE3MDAwMDAyMDB9.1C_za1rhqjaiuDX6"
    "SQ32w6LRgrzHTrSBkDt61XjvSI-nFSv0DXKpDFiiXV46Lr6fdNiG8Tb7AQN9Y2NJ1G7ODw";
inline constexpr std::string_view kNoSubject =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJhdWQiOiJ3ZWlyIiwic3ViIjoiI"
    "iwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYiLCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJqY"
    "W5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.n6P6tjm7ScMawSl90TJXi-wTTAoI9LcQZUIkiErAKgodHf"
    "OVV9eB1pA0r9wX_vS4nOMMgHarRgb0VEMFXSZaDg";
inline constexpr std::string_view kCritical =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImQiLCJjcml0IjpbIngiXSwieCI6MX0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJh"
    "dWQiOiJ3ZWlyIiwic3ViIjoiMjQ4Mjg5IiwiaWF0IjoxNzAwMDAwMDAwLCJleHAiOjE3MDAwMDAzMDAsIm5vbmNlIjoibi0wUzYi"
    "LCJwcmVmZXJyZWRfdXNlcm5hbWUiOiJqYW5lIiwiZ3JvdXBzIjpbInNhbGVzIiwiaXQiXSwic2lkIjoiczEifQ.H0Q-qHsi4rClu"
    "3235Uhi0jA4pNFAMKWxnqAJRNF7TEpmYzsWdVBB-OQZbuOlMTv6uHDL7zLNDfJaXpF4SjYNCg";

}  // namespace weir::auth::signed_tokens
