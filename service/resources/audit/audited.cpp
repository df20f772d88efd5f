// The table of what is audited. A test goes over the routes: one that changes something stands here.
#include "service/resources/audit/audited.h"

#include <algorithm>
#include <array>

namespace weir::api {
namespace {

using How = Audited::How;

constexpr Audited change(std::string_view operation, std::string_view action, std::string_view object,
                         bool body = false) {
  return {operation, How::change, action, object, body};
}
constexpr Audited inStore(std::string_view operation, std::string_view action, std::string_view object,
                          bool body = false) {
  return {operation, How::inStore, action, object, body};
}
constexpr Audited read(std::string_view operation, std::string_view action, std::string_view object) {
  return {operation, How::read, action, object};
}
constexpr Audited byItself(std::string_view operation) { return {operation, How::byItself}; }
constexpr Audited never(std::string_view operation) { return {operation, How::never}; }

constexpr std::array kTable = {
    // Flows and versions. What a flow was and is, its revisions say; a published state is kept as a version.
    inStore("createFlow", "flow.created", "flow"),
    inStore("replaceFlow", "flow.changed", "flow"),
    inStore("patchFlow", "flow.changed", "flow"),
    change("saveFlow", "flow.saved", "flow"),
    // What they come to is told when the draft is changed.
    never("appendOperations"),
    inStore("moveFlow", "flow.moved", "flow", true),
    Audited{.operation = "binFlow",
            .how = How::inStore,
            .action = "flow.binned",
            .object = "flow",
            .flag = "purge",
            .flagged = "flow.purged"},
    inStore("restoreFlow", "flow.restored", "flow"),
    inStore("appendVersion", "flow.version_kept", "flow", true),
    inStore("restoreVersion", "flow.rolled_back", "flow"),
    byItself("apply"),
    never("validateFlow"),
    never("formatFlow"),
    never("diffFlows"),
    never("mergeFlows"),
    never("checkFormula"),
    // Runs, and rows of theirs.
    // Nothing of an execution is kept, and it belongs to its caller alone: the log of requests tells of it.
    never("execute"),
    never("cancelExecution"),
    change("startRun", "run.started", "flow"),
    change("stopRun", "run.stopped", "run"),
    change("deleteRun", "run.removed", "run"),
    change("setBreakpoint", "debug.breakpoint_set", "run", true),
    change("removeBreakpoint", "debug.breakpoint_removed", "run"),
    change("actOnHeldRow", "debug.row_acted_on", "run", true),
    change("changeHeldRow", "debug.row_changed", "run"),
    read("listHeldRows", "data.held_rows_read", "run"),
    read("previewRows", "data.tapped", "run"),
    read("readRunEvents", "data.events_read", "run"),
    read("getRunLogs", "data.logs_read", "run"),
    read("getRunRecording", "data.recording_read", "run"),
    read("getRunTrace", "data.trace_read", "run"),
    change("discardRunRecording", "recording.discarded", "run"),
    change("discardRunTrace", "trace.discarded", "run"),
    read("watchLogs", "data.logs_read", "run"),
    read("watchTap", "data.tapped", "run"),
    read("watchErrors", "data.errors_read", "run"),
    read("watchEvents", "data.events_read", "run"),
    // Figures and states. What a reader of several streams asks for is told stream by stream.
    never("watchMetrics"),
    never("watchProgress"),
    never("watchAlerts"),
    never("readStreams"),
    read("listDeadLetters", "data.dead_letters_read", "run"),
    read("listAllDeadLetters", "data.dead_letters_read", ""),
    change("discardAllDeadLetters", "dead_letter.discarded", ""),
    change("editDeadLetter", "dead_letter.edited", "run"),
    change("discardDeadLetter", "dead_letter.discarded", "run"),
    change("discardDeadLetters", "dead_letter.discarded", "run"),
    change("replayDeadLetters", "dead_letter.replayed", "run"),
    change("resumeRun", "run.resumed", "run"),
    change("changeRunVersion", "run.version_changed", "run", true),
    change("changeFlowRuns", "run.version_changed", "flow", true),
    read("previewFlow", "data.previewed", "flow"),
    read("testFlow", "data.tested", "flow"),
    // Schedules.
    change("createSchedule", "schedule.created", "flow", true),
    change("replaceSchedule", "schedule.changed", "schedule", true),
    change("deleteSchedule", "schedule.removed", "schedule"),
    change("pauseSchedule", "schedule.paused", "schedule"),
    change("resumeSchedule", "schedule.resumed", "schedule"),
    change("runScheduleNow", "schedule.run_now", "schedule"),
    // Folders and what belongs to them.
    byItself("putMount"),
    byItself("deleteMount"),
    never("testMount"),
    byItself("putMountFile"),
    byItself("putEnvironment"),
    byItself("deleteEnvironment"),
    byItself("putNetwork"),
    byItself("binFolder"),
    byItself("restoreFolder"),
    change("putQuota", "quota.changed", "", true),
    change("deleteQuota", "quota.removed", ""),
    change("rotateKeys", "keys.rotated", ""),
    // Secrets: never what they hold.
    change("putSecret", "secret.written", "secret"),
    change("deleteSecret", "secret.removed", "secret"),
    // Alerts. The address of a channel may hold a credential.
    change("acknowledgeAlert", "alert.acknowledged", "alert"),
    change("silenceAlert", "alert.silenced", "alert", true),
    change("putAlertRule", "alert_rule.changed", "alert_rule", true),
    change("deleteAlertRule", "alert_rule.removed", "alert_rule"),
    change("putChannel", "channel.changed", "channel"),
    change("deleteChannel", "channel.removed", "channel"),
    change("testChannel", "channel.tested", "channel"),
    read("listAudit", "audit.read", ""),
    // People.
    byItself("setUp"),
    byItself("signIn"),
    byItself("confirmSession"),
    byItself("signOut"),
    byItself("signOutFromProvider"),
    byItself("unlinkProvider"),
    byItself("changePassword"),
    byItself("endSession"),
    byItself("createUser"),
    byItself("changeUser"),
    byItself("removeUser"),
    byItself("createUserToken"),
    byItself("endUserSessions"),
    byItself("createGroup"),
    byItself("replaceGroup"),
    byItself("removeGroup"),
    byItself("createGrant"),
    byItself("removeGrant"),
    byItself("createToken"),
    byItself("removeToken"),
    // What comes of them is told when the browser comes back.
    never("confirmAtProvider"),
    never("linkProvider"),
};

}  // namespace

std::span<const Audited> auditedRoutes() { return kTable; }

const Audited* auditedOf(std::string_view operation) {
  const auto* const found = std::ranges::find(kTable, operation, &Audited::operation);
  return found == kTable.end() ? nullptr : found;
}

}  // namespace weir::api
