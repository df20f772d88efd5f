// The types of the HTTP API, written by scripts/write-types.mjs from the OpenAPI document of a server.
export interface paths {
  '/api/v1/alert-rules': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The rules that raise alerts, by id.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listAlertRules']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/alert-rules/{rule}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * One rule.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getAlertRule']
    /**
     * Makes a rule, or replaces it; alerts that it has raised are cleared.
     * @description Needs the permission `flow.publish`.
     */
    put: operations['putAlertRule']
    post?: never
    /**
     * Deletes a rule and clears its alerts.
     * @description Needs the permission `flow.publish`.
     */
    delete: operations['deleteAlertRule']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/alerts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Alerts that are raised, and those that were, newest first.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listAlerts']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/alerts/{alert}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * One alert, by its number.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getAlert']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/alerts/{alert}/acknowledge': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Says that somebody has seen the alert and deals with it.
     * @description Needs the permission `run.stop`.
     */
    post: operations['acknowledgeAlert']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/alerts/{alert}/silence': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Tells nobody of this alert for some time, also when it is raised again.
     * @description Needs the permission `run.stop`.
     */
    post: operations['silenceAlert']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/apply': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Keeps and publishes a set of flows, all or none; what is so already is left alone.
     * @description Needs the permission `flow.publish`.
     */
    post: operations['apply']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/audit': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Who did what, newest first, in those folders whose log the caller may read.
     * @description Needs the permission `audit.read`.
     */
    get: operations['listAudit']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/capabilities': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What the place can run, and within which limits. */
    get: operations['getCapabilities']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/channels': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Where people are told of alerts, by id.
     * @description Needs the permission `server.admin`.
     */
    get: operations['listChannels']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/channels/{channel}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Makes a channel (mail, webhook, slack), or replaces it.
     * @description Needs the permission `server.admin`.
     */
    put: operations['putChannel']
    post?: never
    /**
     * Deletes a channel; what waits for it is dropped.
     * @description Needs the permission `server.admin`.
     */
    delete: operations['deleteChannel']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/channels/{channel}/test': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Sends a test notice, and says whether the channel took it.
     * @description Needs the permission `server.admin`.
     */
    post: operations['testChannel']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/dead-letters': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The rows that failed in all runs, those of the newest run first; without data.read on a flow the values of its rows are left out.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listAllDeadLetters']
    put?: never
    post?: never
    /**
     * Throws dead letters of several runs away for good, of a hundred runs at a time: those of a flow, run, folder, node or code.
     * @description Needs the permission `deadletter.edit`.
     */
    delete: operations['discardAllDeadLetters']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/dead-letters/counts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * How many dead letters there are: of each flow, of each cause in it, or of each run; most first.
     * @description Needs the permission `flow.read`.
     */
    get: operations['countDeadLetters']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/disk': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What uses the disk: kinds of records and files, how much of each, and how long it is kept.
     * @description Needs the permission `server.admin`.
     */
    get: operations['getDisk']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/docs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The description as pages, to read and to try. */
    get: operations['getDocs']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/docs/{file}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A file of those pages. */
    get: operations['getDocsFile']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/environments': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Values for parameters of flows, by the name of a purpose such as test or production.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listEnvironments']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/environments/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * One environment of a folder.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getEnvironment']
    /**
     * Makes or replaces an environment; runs that are started from then on have its values.
     * @description Needs the permission `flow.publish`.
     */
    put: operations['putEnvironment']
    post?: never
    /**
     * Deletes an environment; runs that name it are refused from then on.
     * @description Needs the permission `flow.publish`.
     */
    delete: operations['deleteEnvironment']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/execute': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Runs a flow and tells what it does as Server-Sent Events.
     * @description Needs the permission `run.start`.
     */
    post: operations['execute']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/executions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The executions that go on or are kept, oldest first.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listExecutions']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/executions/{execution}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * How an execution stands.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getExecution']
    put?: never
    post?: never
    /**
     * Cancels an execution; its events can still be read.
     * @description Needs the permission `run.stop`.
     */
    delete: operations['cancelExecution']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/executions/{execution}/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The events of an execution behind the last one that was seen.
     * @description Needs the permission `data.read`.
     */
    get: operations['readExecution']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Flows by words and tags, page after page.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listFlows']
    put?: never
    /**
     * Keeps a flow under the id of its document.
     * @description Needs the permission `flow.edit`.
     */
    post: operations['createFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * A flow with its document; its ETag is its revision.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getFlow']
    /**
     * Replaces the document (If-Match), or keeps a new one (If-None-Match: *).
     * @description Needs the permission `flow.edit`.
     */
    put: operations['replaceFlow']
    post?: never
    /**
     * Puts a flow into the bin (If-Match).
     * @description Needs the permission `flow.edit`.
     */
    delete: operations['binFlow']
    options?: never
    head?: never
    /**
     * Changes parts of a document by a JSON patch (RFC 6902); If-Match says of which revision.
     * @description Needs the permission `flow.edit`.
     */
    patch: operations['patchFlow']
    trace?: never
  }
  '/api/v1/flows/{flow}/file': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The flow's file, on a server over a folder (--project), and where it and the draft conflict.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getFlowFile']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/move': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Moves a flow into another folder, with whose rights it runs from then on.
     * @description Needs the permission `flow.publish`.
     */
    post: operations['moveFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/operations': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What was done to the draft, oldest first, as its editors have said it.
     * @description Needs the permission `flow.edit`.
     */
    get: operations['listOperations']
    put?: never
    /**
     * Appends to the log of the draft, behind the operation that was seen last; what is there already is left alone.
     * @description Needs the permission `flow.edit`.
     */
    post: operations['appendOperations']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/preview': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The rows that a node gives, from the first ones of its sources; nothing behind it runs, and nothing is written or kept.
     * @description Needs the permission `run.start`.
     */
    post: operations['previewFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/restore': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Takes a flow out of the bin.
     * @description Needs the permission `flow.edit`.
     */
    post: operations['restoreFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/runs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Starts a run of a flow: its published version, another one, or its draft; with an Idempotency-Key a repeated request gives the run that the first one started.
     * @description Needs the permission `run.start`.
     */
    post: operations['startRun']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/runs/version': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * All runs of a flow that go on go over to another version: the published one unless said.
     * @description Needs the permission `flow.publish`.
     */
    post: operations['changeFlowRuns']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/save': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Makes the flow's file what the draft is, on a server over a folder (--project): writes, moves or removes it.
     * @description Needs the permission `flow.edit`.
     */
    post: operations['saveFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/schedules': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The schedules of a flow, by name.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listFlowSchedules']
    put?: never
    /**
     * Starts runs of a flow by itself from now on: at the times of a cron line, or at an interval.
     * @description Needs the permission `flow.publish`.
     */
    post: operations['createSchedule']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/test': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Runs tests of a flow: their rows take the place of sources, what sinks would get is compared, nothing is written or kept, and the clock stands still.
     * @description Needs the permission `run.start`.
     */
    post: operations['testFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/versions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The versions of a flow, newest first.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listVersions']
    put?: never
    /**
     * Keeps the document as it is now as a version; what is published must be able to run.
     * @description Needs the permission `flow.publish`.
     */
    post: operations['appendVersion']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/versions/{number}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * A version with its document.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getVersion']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/versions/{number}/diff': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What another version, or the document as it is now, says otherwise than this one.
     * @description Needs the permission `flow.read`.
     */
    get: operations['diffVersions']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/{flow}/versions/{number}/restore': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Goes back: the document becomes what it was in that version (If-Match). Publish it to run it.
     * @description Needs the permission `flow.edit`.
     */
    post: operations['restoreVersion']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/diff': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * What differs between two documents, thing by thing.
     * @description Needs the permission `flow.read`.
     */
    post: operations['diffFlows']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/format': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The canonical text of a document.
     * @description Needs the permission `flow.read`.
     */
    post: operations['formatFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/merge': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Two changed versions of a document made one, and what conflicts.
     * @description Needs the permission `flow.read`.
     */
    post: operations['mergeFlows']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/flows/validate': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * All problems of a document, and which of its nodes cannot run here.
     * @description Needs the permission `run.start`.
     */
    post: operations['validateFlow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/folders/{folder}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What is in a folder and below: its flows, mounts, environments, policy and claimed paths.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getFolder']
    put?: never
    /**
     * Takes a folder out of the bin as one.
     * @description Needs the permission `folder.grant`.
     */
    post: operations['restoreFolder']
    /**
     * Puts a folder with all that is in it into the bin as one, and lists that; refused while a run goes on in it. Its secrets, grants and files stay.
     * @description Needs the permission `folder.grant`.
     */
    delete: operations['binFolder']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/formulas/check': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * The type and the problems of a formula, and its results for the rows that are given.
     * @description Needs the permission `flow.read`.
     */
    post: operations['checkFormula']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/formulas/functions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The functions that formulas may call, with their signatures.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listFormulaFunctions']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/grants': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Who has which role where, in those folders where the caller may grant.
     * @description Needs the permission `folder.grant`.
     */
    get: operations['listGrants']
    put?: never
    /**
     * Gives a role to a user or group, in a folder or for one flow.
     * @description Needs the permission `folder.grant`.
     */
    post: operations['createGrant']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/grants/{grant}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Takes a role away.
     * @description Needs the permission `folder.grant`.
     */
    delete: operations['removeGrant']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/groups': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The groups, by name.
     * @description Needs the permission `server.admin`.
     */
    get: operations['listGroups']
    put?: never
    /**
     * Makes a group.
     * @description Needs the permission `server.admin`.
     */
    post: operations['createGroup']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/groups/{group}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Replaces name, members and claim of a group.
     * @description Needs the permission `server.admin`.
     */
    put: operations['replaceGroup']
    post?: never
    /**
     * Removes a group with its grants.
     * @description Needs the permission `server.admin`.
     */
    delete: operations['removeGroup']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/health': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether the place is well, and what it is. */
    get: operations['getHealth']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/health/live': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether the process answers. */
    get: operations['getLive']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/health/ready': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether it can take work: 503 while what it stores cannot be reached, or has no room for changes. */
    get: operations['getReady']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/keys': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Which master key the data folder needs, and how many keys it has: names and numbers.
     * @description Needs the permission `server.admin`.
     */
    get: operations['getKeys']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/keys/rotate': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * New keys for all files that are made from now on; what there is stays under the old ones.
     * @description Needs the permission `server.admin`.
     */
    post: operations['rotateKeys']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/live': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The live protocol, on a WebSocket: requests, and streams of what runs do.
     * @description Needs the permission `flow.read`.
     */
    get: operations['openLive']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/live/alerts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Alerts of a folder while they are raised and cleared, as events.
     * @description Needs the permission `flow.read`.
     */
    get: operations['watchAlerts']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/live/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Several streams in one, as Server-Sent Events; Last-Event-ID goes on where it was cut.
     * @description Needs the permission `flow.read`.
     */
    get: operations['readStreams']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/me': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Who asks, with their groups, grants and permissions. */
    get: operations['getMe']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/me/password': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /** Sets another password, and ends all other sessions. */
    put: operations['changePassword']
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/me/provider': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Where to sign in at the provider, so that one's account is linked with it. */
    post: operations['linkProvider']
    /** Unlinks one's account from the provider. */
    delete: operations['unlinkProvider']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/me/sessions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One's own sessions. */
    get: operations['listSessions']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/me/sessions/{session}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Ends one of one's own sessions. */
    delete: operations['endSession']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Figures for Prometheus; from another machine it takes a token with flow.read in the root. */
    get: operations['getMetrics']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/mounts': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Folders of the machine that flows may use, where the caller may publish such flows.
     * @description Needs the permission `mount.use`.
     */
    get: operations['listMounts']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/mounts/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * One mount of a folder; its directory is told to who administers the server.
     * @description Needs the permission `mount.use`.
     */
    get: operations['getMount']
    /**
     * Gives a folder, and those below it, a directory of the machine by name, to read or to write.
     * @description Needs the permission `server.admin`.
     */
    put: operations['putMount']
    post?: never
    /**
     * Takes a mount away; runs that go on keep it until they start again.
     * @description Needs the permission `server.admin`.
     */
    delete: operations['deleteMount']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/mounts/{name}/files/{path}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Puts a file of 64 MiB at most below a mount that is written to, or with the name 'project' among the folder's own; takes mount.use too. If-None-Match: * replaces none.
     * @description Needs the permission `flow.edit`.
     */
    put: operations['putMountFile']
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/mounts/{name}/test': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Looks at a mount as the server's own user: whether it can be read, written, and used at all.
     * @description Needs the permission `server.admin`.
     */
    post: operations['testMount']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/network': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What flows of a folder may connect to beside public addresses, and the ports where they listen.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getNetwork']
    /**
     * Says what flows of a folder, and of those below it, may connect to, for runs from then on.
     * @description Needs the permission `server.admin`.
     */
    put: operations['putNetwork']
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/nodes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The catalogue: schema.json of every node.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listNodes']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/nodes/{node}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * One node of the catalogue, by its id.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getNode']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/openapi.json': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The description of this API: OpenAPI 3.1. */
    get: operations['getOpenApi']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/quotas': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What the runs and documents of folders may take, with how much of it is taken now, by folder.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listQuotas']
    /**
     * Bounds what the runs and documents of a folder and of all below it may take; what is left out has no bound.
     * @description Needs the permission `server.admin`.
     */
    put: operations['putQuota']
    post?: never
    /**
     * Takes the bounds of a folder away; those of folders above it stay.
     * @description Needs the permission `server.admin`.
     */
    delete: operations['deleteQuota']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/roles': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The roles, and the permissions of each. */
    get: operations['listRoles']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Runs of flows, newest first: those that go on, and those that have ended.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listRuns']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * How a run stands, and why that is not what is wanted of it.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getRun']
    put?: never
    post?: never
    /**
     * Deletes the record of a run that has ended, with its checkpoints and dead letters.
     * @description Needs the permission `deadletter.edit`.
     */
    delete: operations['deleteRun']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/breakpoints': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The breakpoints of a run.
     * @description Needs the permission `run.debug`.
     */
    get: operations['listBreakpoints']
    put?: never
    /**
     * Holds the rows that come to a node or an edge.
     * @description Needs the permission `run.debug`.
     */
    post: operations['setBreakpoint']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/breakpoints/{breakpoint}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Ends a breakpoint; what it holds goes on.
     * @description Needs the permission `run.debug`.
     */
    delete: operations['removeBreakpoint']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/crashes': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * How its engine process has ended under a run: the last five times.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listRunCrashes']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/dead-letters': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The rows of a run that failed, oldest first; without data.read their values are left out.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listDeadLetters']
    put?: never
    post?: never
    /**
     * Throws dead letters away for good: all, or those of a code or node.
     * @description Needs the permission `deadletter.edit`.
     */
    delete: operations['discardDeadLetters']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/dead-letters/{number}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Mends the row of a dead letter, so that it can be replayed.
     * @description Needs the permission `deadletter.edit`.
     */
    put: operations['editDeadLetter']
    post?: never
    /**
     * Throws one dead letter away for good.
     * @description Needs the permission `deadletter.edit`.
     */
    delete: operations['discardDeadLetter']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/dead-letters/replay': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Gives dead letters again: a run of its own begins at the nodes that they failed at. Those that go through leave the list; those that fail again are dead letters of the new run.
     * @description Needs the permission `deadletter.replay`.
     */
    post: operations['replayDeadLetters']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What happens to a run: its state, events, log lines, and metrics once a second.
     * @description Needs the permission `data.read`.
     */
    get: operations['readRunEvents']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/held': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The rows that breakpoints hold; sensitive fields are masked without data.read.
     * @description Needs the permission `run.debug`.
     */
    get: operations['listHeldRows']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/held/{held}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    /**
     * Changes fields of a held row.
     * @description Needs the permission `run.debug`.
     */
    put: operations['changeHeldRow']
    /**
     * Lets a held row go on, go one node further, lets the next one come, or drops it.
     * @description Needs the permission `run.debug`.
     */
    post: operations['actOnHeldRow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/live/errors': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The rows of a run that failed, as events; sensitive fields are masked without data.read.
     * @description Needs the permission `flow.read`.
     */
    get: operations['watchErrors']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/live/events': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What happens to a run, from its beginning on, as events.
     * @description Needs the permission `flow.read`.
     */
    get: operations['watchEvents']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/live/logs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What a run logs, as events.
     * @description Needs the permission `data.read`.
     */
    get: operations['watchLogs']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/live/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The figures of a run ten times a second, as events.
     * @description Needs the permission `flow.read`.
     */
    get: operations['watchMetrics']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/live/progress': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * How far a run is, whenever that changes, as events.
     * @description Needs the permission `flow.read`.
     */
    get: operations['watchProgress']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/live/taps/{edge}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The newest rows that pass an edge, as events; sensitive fields are masked without data.read.
     * @description Needs the permission `flow.read`.
     */
    get: operations['watchTap']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/logs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Lines of the log of a run, a page of the newest first, and each page in the order of its lines; they outlive the server's process.
     * @description Needs the permission `data.read`.
     */
    get: operations['getRunLogs']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The counters of a run, its nodes and its edges, as they were said last.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getRunMetrics']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/recording': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The rows of an edge that a run was asked to record: a tar archive of what weir replay takes.
     * @description Needs the permission `data.read`.
     */
    get: operations['getRunRecording']
    put?: never
    post?: never
    /**
     * Throws the recording of a run that has ended away for good.
     * @description Needs the permission `deadletter.edit`.
     */
    delete: operations['discardRunRecording']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/resume': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * A run that was stopped before its end, has failed or is held goes on behind its last checkpoint.
     * @description Needs the permission `run.start`.
     */
    post: operations['resumeRun']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/stop': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Stops a run: what is under way is finished, and what takes longer than 30 seconds is cancelled. It stays stopped. At a checkpoint, nothing more is begun, and it can be resumed there. 200 with the state of one that has ended already.
     * @description Needs the permission `run.stop`.
     */
    post: operations['stopRun']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/taps/{edge}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The newest rows of an edge; sensitive fields are masked without data.read.
     * @description Needs the permission `flow.read`.
     */
    get: operations['previewRows']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/trace': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What sampled rows of a run went through, step by step, the oldest first, or one row of them.
     * @description Needs the permission `data.read`.
     */
    get: operations['getRunTrace']
    put?: never
    post?: never
    /**
     * Throws the trace of a run that has ended away for good.
     * @description Needs the permission `deadletter.edit`.
     */
    delete: operations['discardRunTrace']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/runs/{run}/version': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * A run goes over to another version of its flow, while it runs or by a restart at a checkpoint.
     * @description Needs the permission `flow.publish`.
     */
    post: operations['changeRunVersion']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Schedules of all flows that the caller may read, by name.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listSchedules']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules/{schedule}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * A schedule, with the time that comes next.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getSchedule']
    /**
     * Plans anew, from now on; what is left out is as in a new schedule. A paused one stays paused.
     * @description Needs the permission `flow.publish`.
     */
    put: operations['replaceSchedule']
    post?: never
    /**
     * Deletes a schedule and what became of its times; its runs stay and go on.
     * @description Needs the permission `flow.publish`.
     */
    delete: operations['deleteSchedule']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules/{schedule}/fires': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What became of its times, newest first; the last thousand are kept.
     * @description Needs the permission `flow.read`.
     */
    get: operations['listScheduleFires']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules/{schedule}/pause': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Starts no more runs until it is resumed; runs that go on are left alone.
     * @description Needs the permission `run.start`.
     */
    post: operations['pauseSchedule']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules/{schedule}/resume': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Goes on with the next time; those that passed meanwhile count as nothing.
     * @description Needs the permission `run.start`.
     */
    post: operations['resumeSchedule']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules/{schedule}/run': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Starts a run as the schedule would, now; its plan stays. With overlap `queue` it may wait.
     * @description Needs the permission `run.start`.
     */
    post: operations['runScheduleNow']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/schedules/{schedule}/times': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The times that it plans, without its jitter.
     * @description Needs the permission `flow.read`.
     */
    get: operations['getScheduleTimes']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/secrets': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * Secrets where the caller may use them: names, hosts and times, never values.
     * @description Needs the permission `secret.use`.
     */
    get: operations['listSecrets']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/secrets/{name}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * What is known of a secret, without its value.
     * @description Needs the permission `secret.use`.
     */
    get: operations['getSecret']
    /**
     * Sets a secret, or changes the hosts and node types that may have it; what is left out stays.
     * @description Needs the permission `secret.write`.
     */
    put: operations['putSecret']
    post?: never
    /**
     * Forgets a secret; runs that use it fail from then on.
     * @description Needs the permission `secret.write`.
     */
    delete: operations['deleteSecret']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/session': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The session of the cookie. */
    get: operations['getSession']
    put?: never
    /** Signs in with name and password; the answer sets a cookie. */
    post: operations['signIn']
    /** Signs out. */
    delete: operations['signOut']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/session/confirm': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Gives the password once more, as tokens, grants, secrets and backups ask for. */
    post: operations['confirmSession']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/session/confirm/provider': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Where to give the password once more, for those who sign in through the provider. */
    post: operations['confirmAtProvider']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/setup': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether the server still needs its first account. */
    get: operations['getSetup']
    put?: never
    /** Makes the first account, with the code of the setup link, and signs it in. */
    post: operations['setUp']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/sign-in': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** How people sign in here: with passwords, through a provider, or both. */
    get: operations['getSignIn']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/sign-in/provider': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Sends a browser to the identity provider, to sign in there. */
    get: operations['beginAtProvider']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/sign-in/provider/callback': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Where the provider sends the browser back to; signs in, links or confirms. */
    get: operations['comeFromProvider']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/sign-in/provider/logout': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /** Back-channel logout: the provider tells that somebody has signed out there. */
    post: operations['signOutFromProvider']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/tokens': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** One's own tokens. */
    get: operations['listTokens']
    put?: never
    /** Makes a token; its text is in this answer and nowhere else. */
    post: operations['createToken']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/tokens/{token}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /** Revokes a token at once. */
    delete: operations['removeToken']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/users': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The users, by name.
     * @description Needs the permission `server.admin`.
     */
    get: operations['listUsers']
    put?: never
    /**
     * Makes a user, or a service account for a program.
     * @description Needs the permission `server.admin`.
     */
    post: operations['createUser']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/users/{user}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * A user.
     * @description Needs the permission `server.admin`.
     */
    get: operations['getUser']
    put?: never
    post?: never
    /**
     * Removes a user with their sessions, tokens and grants.
     * @description Needs the permission `server.admin`.
     */
    delete: operations['removeUser']
    options?: never
    head?: never
    /**
     * Changes a user; what is not given stays.
     * @description Needs the permission `server.admin`.
     */
    patch: operations['changeUser']
    trace?: never
  }
  '/api/v1/users/{user}/sessions': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    post?: never
    /**
     * Ends all sessions of a user, who has to sign in again.
     * @description Needs the permission `server.admin`.
     */
    delete: operations['endUserSessions']
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/api/v1/users/{user}/tokens': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /**
     * The tokens of a user.
     * @description Needs the permission `server.admin`.
     */
    get: operations['listUserTokens']
    put?: never
    /**
     * Makes a token for a service account.
     * @description Needs the permission `server.admin`.
     */
    post: operations['createUserToken']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/capabilities': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** What the place can run, and within which limits. */
    get: operations['getCapabilitiesAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/docs': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** The description as pages, to read and to try. */
    get: operations['getDocsAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/docs/{file}': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** A file of those pages. */
    get: operations['getDocsFileAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/execute': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    get?: never
    put?: never
    /**
     * Runs a flow and tells what it does as Server-Sent Events.
     * @description Needs the permission `run.start`.
     */
    post: operations['executeAtRoot']
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/health': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether the place is well, and what it is. */
    get: operations['getHealthAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/health/live': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether the process answers. */
    get: operations['getLiveAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/health/ready': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Whether it can take work: 503 while what it stores cannot be reached, or has no room for changes. */
    get: operations['getReadyAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
  '/metrics': {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    /** Figures for Prometheus; from another machine it takes a token with flow.read in the root. */
    get: operations['getMetricsAtRoot']
    put?: never
    post?: never
    delete?: never
    options?: never
    head?: never
    patch?: never
    trace?: never
  }
}
export type webhooks = Record<string, never>
export interface components {
  schemas: {
    Alert: {
      acknowledgedAt?: number
      acknowledgedBy?: string
      clearedAt?: number
      flow: string
      folder: string
      /** @description The same each time that the same thing is raised. */
      key?: string
      labels?: {
        [key: string]: string
      }
      message: string
      name: string
      number: number
      /** @description Milliseconds since 1970. */
      raisedAt: number
      /** @description Absent for an alert of a flow's own. */
      rule?: string
      /** @enum {unknown} */
      severity: 'info' | 'warning' | 'critical'
      silencedUntil?: number
      /** @enum {unknown} */
      state: 'raised' | 'cleared'
      value?: number
    }
    AlertPage: {
      alerts: components['schemas']['Alert'][]
      /** @description `before` of the next page; absent: there is none. */
      next?: number
    }
    AlertRule: {
      /** @description Flows of it and below. */
      folder?: string
      forMs?: number
      id?: string
      labels?: {
        [key: string]: string
      }
      /** @description A gauge as it is, a counter by its growth a second. */
      metric: string
      name?: string
      /** @description Another counter; what counts is the share of its growth. */
      of?: string
      over?: number | null
      /** @enum {unknown} */
      severity?: 'info' | 'warning' | 'critical'
      under?: number | null
      windowMs?: number
    }
    AlertRules: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      rules: components['schemas']['AlertRule'][]
    }
    AlertSilence: {
      /** @description 0 ends the silence. */
      forMs: number
    }
    AllDeadLetters: {
      letters: (components['schemas']['DeadLetter'] & {
        flow: string
        run: string
      })[]
      /** @description What `cursor` of the next page is; absent at the end. */
      next?: string
    }
    AppendedOperations: {
      /** @description 0: all were there already. */
      added: number
      last: number
      /** @description The first number that is kept; 0: none. */
      oldest: number
    }
    Applied: {
      flows: {
        /** @enum {unknown} */
        change: 'created' | 'restored' | 'changed' | 'moved' | 'published' | 'unchanged' | 'removed'
        folder: string
        id: string
        revision: number
        /** @description That is published; 0: none. */
        version: number
      }[]
    }
    /** @description Flows that are to be so, all of them or none. */
    Apply: {
      flows?: {
        document: components['schemas']['DocumentOrText']
        folder?: string
        ifMatch?: components['schemas']['Belief']
      }[]
      /** @description Of flows that do not say theirs; the root unless said. */
      folder?: string
      /** @description What is said of the versions. */
      message?: string
      /** @description true unless said: what is published must be able to run. */
      publish?: boolean
      remove?: {
        id: string
        ifMatch?: components['schemas']['Belief']
      }[]
    }
    AuditEntries: {
      entries: {
        action: string
        actor: string
        address: string
        at: number
        credential: string
        detail?: Record<string, unknown>
        folder: string
        hash: string
        number: number
        object: string
        request: string
      }[]
    }
    /** @description The ETag of the state that is changed, with its quotes; null: there is none yet; missing or *: any. */
    Belief: string | null
    BreakpointNumber: {
      breakpoint: number
    }
    Breakpoints: {
      breakpoints: Record<string, unknown>[]
    }
    Capabilities: {
      /** @description Milliseconds from a request to the head of its answer, lately. */
      estimatedLatency: number
      features: string[]
      limits: {
        /** @description Of one caller at a time. */
        executionsOfOne?: number
        /** @description Milliseconds; null: as long as it takes. */
        executionTimeout: number | null
        keptExecutions?: number
        /** @description Of the body of POST /apply. */
        maxApplyBytes?: number
        maxBodyBytes: number
        maxConcurrentExecutions: number
        /** @description What an execution holds at most, whatever it asks for. */
        memoryBytes?: number
        /** @description Milliseconds. */
        readerTimeout?: number
      }
      /** @description Of one flow. */
      maxNodes: number
      supportedNodeTypes: string[]
    }
    Channel: {
      enabled?: boolean
      folder?: string
      from?: string
      headers?: {
        [key: string]: string
      }
      id?: string
      /** @enum {unknown} */
      kind: 'mail' | 'webhook' | 'slack'
      /** @description ${secret:NAME} */
      password?: string
      /** @description ${secret:NAME}, put behind url. */
      path?: string
      /** @enum {unknown} */
      security?: 'automatic' | 'tls' | 'startTls' | 'none'
      /** @description HOST:PORT of an SMTP server. */
      server?: string
      /** @enum {unknown} */
      severity?: 'info' | 'warning' | 'critical'
      to?: string[]
      url?: string
      user?: string
    }
    Channels: {
      channels: {
        channel: components['schemas']['Channel']
        /** @description Why the last notice failed; empty: it did not. */
        problem: string
      }[]
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
    }
    ChannelTest: {
      code?: string
      message?: string
      sent: boolean
    }
    DeadLetter: {
      code: string
      edited?: boolean
      input?: number
      message: string
      nodeId: string
      /** @description Among those of its run, from 1; it changes when others before it go. */
      number: number
      recoverable?: boolean
      row?: unknown
      time?: string
      traceId: string
      tries?: number
    }
    DeadLetterCounts: {
      counts: {
        code?: string
        /** @description Of them, those that were mended. */
        edited: number
        /** @description Milliseconds since 1970. */
        firstAt?: number
        flow: string
        folder: string
        lastAt?: number
        letters: number
        nodeId?: string
        run?: string
        /** @description How many runs have them. */
        runs: number
      }[]
    }
    DeadLetters: {
      letters: components['schemas']['DeadLetter'][]
      /** @description What `after` of the next page is; absent at the end. */
      next?: number
    }
    Discarded: {
      discarded: number
    }
    DiscardedOfAll: {
      discarded: number
      /** @description There are more runs: ask again. */
      more: boolean
      /** @description Whose letters were looked at. */
      runs: number
    }
    Disk: {
      capacity: number
      files: components['schemas']['DiskUse'][]
      /** @description Bytes that are free on the disk of the data folder. */
      free: number
      records: components['schemas']['DiskUse'][]
    }
    DiskUse: {
      bytes: number
      count: number
      /** @description Above so much the oldest go; missing: there is no such bound. */
      keepBytes?: number
      /** @description Above so many the oldest go; missing: there is no such bound. */
      keepCount?: number
      /** @description What is older goes; missing: nothing goes for its age. */
      keepMs?: number
      name: string
      what: string
    }
    DocumentOrText: components['schemas']['FlowDocument'] | string
    /** @description One thing that is wrong with a flow document. */
    DocumentProblem: {
      code: string
      column?: number
      line?: number
      message: string
      /** @description Where in the document (RFC 6901). */
      pointer: string
      /** @enum {unknown} */
      severity: 'error' | 'warning'
      suggestion?: string
    }
    EditedLetter: {
      row: Record<string, unknown>
      traceId: string
    }
    Environment: {
      changedAt?: number
      changedBy?: string
      description?: string
      folder: string
      name: string
      parameters: Record<string, unknown>
    }
    EnvironmentChange: {
      description?: string
      parameters: {
        [key: string]: string | number | boolean | null
      }
    }
    Environments: {
      environments: components['schemas']['Environment'][]
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
    }
    /** @description Server-Sent Events, numbered: execution-update, node-output and error; data is {id, timestamp, type, data, metadata}. */
    Events: string
    Execute:
      | components['schemas']['FlowDocument']
      | {
          allFields?: boolean
          /** @description From path to text: the mount project of this run. */
          files?: {
            [key: string]: string
          }
          flow: components['schemas']['FlowDocument']
          /** @description From id to document: what the flow may call. */
          flows?: {
            [key: string]: Record<string, unknown>
          }
          maxErrors?: number
          memoryBytes?: number
          /** @enum {string} */
          mode?: 'async' | 'sync' | 'step'
          mounts?: string[]
          /** @description Whose rows are told; without it those of the flow's ends. */
          outlets?: {
            node: string
            port: string
          }[]
          parameters?: Record<string, unknown>
          runId?: string
          seed?: number
          traceRows?: number
        }
    Execution: {
      endedAt?: number
      /** @description How many it has told. */
      events?: number
      flow: string
      id: string
      result?: Record<string, unknown>
      startedAt: number
      /** @description running, done, failed, cancelled, cut and others */
      status: string
    }
    Executions: {
      executions: components['schemas']['Execution'][]
    }
    /**
     * Format: binary
     * @description What is to be in the file.
     */
    FileBytes: string
    Flow: {
      document: components['schemas']['FlowDocument']
    } & components['schemas']['FlowHead']
    FlowDiff: {
      flow?: string
      parts: {
        about?: string
        /** @enum {unknown} */
        change: 'added' | 'removed' | 'changed'
        differences: Record<string, unknown>[]
        formerId?: string
        id?: string
        part: string
        pointer?: string
      }[]
      same: boolean
      summary: string
      /** @description If a format was asked for. */
      text?: string
    }
    /** @description A flow: nodes with settings, and the edges between them. */
    FlowDocument: {
      config?: Record<string, unknown>
      edges: {
        id: string
        source: {
          node?: string
          port?: string
        }
        target: {
          node?: string
          port?: string
        }
      }[]
      /** @description Letters, digits, - _ . only */
      id: string
      metadata?: {
        author?: string
        description?: string
        tags?: string[]
        /** @description The flow's own. */
        version?: string
      }
      nodes: {
        id: string
        settings?: Record<string, unknown>
        typeId: string
        version: string
      }[]
      parameters?: Record<string, unknown>[]
      /** @description Of the form of documents, such as 1.0.0. */
      version: string
    }
    FlowFile: {
      /** @description What was changed in the file and in the draft, which says what it said: Save asks. Also that the flow was moved or is in the bin: Save moves or removes the file. */
      conflicts: string[]
      /** @description Below the folder of the project; empty: the flow has no file yet. */
      path: string
      /** @description Why the file cannot be read as it is now. */
      problem: string
    }
    /** @description What is known of a flow without its document. Times are milliseconds since 1970. */
    FlowHead: {
      /** @description It is in the bin since then. */
      binnedAt?: number
      bytes: number
      changedAt: number
      createdAt: number
      description: string
      /** @description Such as team/reports; empty: the root. */
      folder: string
      id: string
      /** @description 0: none */
      latestVersion: number
      name: string
      /** @description 0: none */
      publishedVersion: number
      /** @description Another one after each change; the ETag names it. */
      revision: number
      tags: string[]
    }
    FlowMerge: {
      conflicts: Record<string, unknown>[]
      notes?: string[]
      /** @description The merged document; where the two conflict, what ours says. */
      text: string
      theirs?: string
    }
    FlowPage: {
      flows: components['schemas']['FlowHead'][]
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
    }
    FlowPair: {
      after: components['schemas']['DocumentOrText']
      /** @description Positions and the order of lists too. */
      all?: boolean
      before: components['schemas']['DocumentOrText']
      /**
       * @description Adds the difference in words.
       * @enum {unknown}
       */
      format?: 'text' | 'markdown'
    }
    FlowRunsChange: {
      runs: {
        changes: boolean
        run: string
        /** @description Why it stays as it is. */
        why?: string
      }[]
    }
    FlowVersions: {
      base?: components['schemas']['DocumentOrText'] | null
      ours: components['schemas']['DocumentOrText']
      theirs: components['schemas']['DocumentOrText']
    }
    FolderContents: {
      flows: {
        folder: string
        id: string
        name: string
      }[]
      folder: string
      settings: {
        folder: string
        kind: string
        name: string
      }[]
    }
    Formula: {
      /** @description The type that the result must have. */
      expects?: string
      /** @description Of the rows; without them a row may have any. */
      fields?:
        | {
            name: string
            /** @description int, list<string> … */
            type: string
          }[]
        | null
      /** @description Values of the flow's parameters. */
      params?: Record<string, unknown>
      rows?: Record<string, unknown>[] | null
      /** @description CEL, such as row.price * 2.0 */
      text: string
    }
    FormulaCheck: {
      problems: {
        code: string
        length: number
        message: string
        /** @description Bytes of UTF-8. */
        offset: number
        suggestion?: string
      }[]
      /** @description Of each row, if the formula has no problems. */
      results?: {
        error?: string
        value?: unknown
      }[]
      /** @description Empty if there are problems. */
      type: string
    }
    FormulaFunctions: {
      functions: {
        name: string
        /** @description (int, int): int, or string.(int): string of a member. */
        signature: string
      }[]
    }
    Freed: {
      freedBytes: number
    }
    Grant: {
      by: string
      createdAt: number
      flow?: string
      folder: string
      group?: string
      id: string
      name: string
      role: string
      user?: string
    }
    Grants: {
      grants: components['schemas']['Grant'][]
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
    }
    Group: {
      claim: string
      id: string
      /** @description Ids of users. */
      members: string[]
      name: string
    }
    Groups: {
      groups: components['schemas']['Group'][]
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
    }
    Health: {
      application?: string
      /** @description ok when all is well */
      status: string
      version?: string
      where?: string
    }
    HeldAction: {
      /** @enum {unknown} */
      action: 'continue' | 'step' | 'next' | 'drop'
    }
    HeldFields: {
      fields: Record<string, unknown>
    }
    HeldRows: {
      held: Record<string, unknown>[]
    }
    JsonPatch: {
      from?: string
      /** @enum {unknown} */
      op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
      path: string
      value?: unknown
    }[]
    Keys: {
      database: {
        /** @description By this server: false on PostgreSQL, where secrets alone are sealed, and the disk is its operator's. */
        encrypted: boolean
        /** @enum {unknown} */
        kind: 'sqlite' | 'postgresql'
      }
      /** @description The files of the data folder. */
      encrypted: boolean
      /** @description Of the data folder; a restored one is another. */
      instance: string
      keys: number
      /** @description The name of the master key; its key is told nobody. */
      master?: string
      /** @description Those that nothing is written with any more. */
      old: number
    }
    /** @description Which dead letters; left out: all. */
    LetterReplay: {
      codes?: string[]
      /**
       * @description Only those that were mended.
       * @default false
       */
      edited?: boolean
      nodes?: string[]
      numbers?: number[]
      /** @description Of the flow; left out: that of the run. */
      version?: number | 'draft'
    }
    /** @description Server-Sent Events: metrics, event, node-execution-error, log, progress, rows, tapped, alert, missed, ended, closed; data is a control frame {v, type, subscription, sequence, rowsShed?, data}; the id is how far it was in each subscription. */
    LiveEvents: string
    LogoutForm: {
      logout_token: string
    }
    MadeToken: {
      about: components['schemas']['Token']
      /** @description weir_pat_ID_SECRET; shown only now. */
      token: string
    }
    Me: {
      grants: components['schemas']['Grant'][]
      groups: Record<string, unknown>[]
      /** @description Those held at the root. */
      permissions: string[]
      /** @description Where something is granted, and what is held there, and below it, in all. */
      places: {
        /** @description Of a grant for one flow. */
        flow?: string
        folder: string
        permissions: string[]
      }[]
      user: components['schemas']['User']
    }
    Mount: {
      changedAt?: number
      changedBy?: string
      /** @description Only for who administers the server. */
      directory?: string
      folder: string
      name: string
      writes: boolean
    }
    MountChange: {
      /** @description The whole path of a folder of the server's machine. */
      directory: string
      /** @description Flows may write there; else they only read. */
      writes?: boolean
    }
    MountFile: {
      bytes: number
      /** @description Below the mount, as it was given. */
      path: string
    }
    Mounts: {
      mounts: components['schemas']['Mount'][]
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
    }
    MountTest: {
      code?: string
      /** @description Up to a thousand are counted. */
      entries?: number
      problem?: string
      reads: boolean
      usable: boolean
      writes: boolean
    }
    Move: {
      /** @description Such as team/reports; empty: the root. */
      folder: string
    }
    Network: {
      /** @description host:port, or a range such as 10.1.0.0/16. */
      allow: string[]
      folder: string
      /** @description The folder whose policy it is. */
      from?: string
      /** @description Ports: 9000, or 9000-9010. */
      listen: string[]
    }
    NetworkChange: {
      allow?: string[]
      listen?: string[]
    }
    NewAccount: {
      /** @description Of the setup link. */
      code: string
      fullName?: string
      name: string
      password: string
    }
    /** @description At a node or at an edge. */
    NewBreakpoint: {
      /** @description Holds from the n-th match on. */
      after?: number
      edge?: string
      /** @description Says this instead of holding, such as "{row.id} came". */
      log?: string
      node?: string
      /** @description A condition (CEL) over the rows. */
      where?: string
    }
    NewGrant: {
      /** @description Only this flow, wherever it lies; 'folder' is left out, or its own. */
      flow?: string
      /** @description And all below it; the root if it is empty. It or 'flow' must be there. */
      folder?: string
      group?: string
      /** @enum {unknown} */
      role: 'viewer' | 'operator' | 'editor' | 'developer' | 'admin'
      /** @description The id of one, or of a group. */
      user?: string
    }
    NewGroup: {
      /** @description Members come and go with this value of a provider's claim. */
      claim?: string
      members?: string[]
      name: string
    }
    NewOperations: {
      /** @description The number of the last operation of the log that is known; 0: it is empty. 409 with `last` if the log has gone on otherwise. */
      after: number
      operations: {
        /** @description SHA-256 of the document before it. */
        base: string
        /** @description What was done, as the editor writes it; 256 KiB at most. */
        operation: Record<string, unknown>
      }[]
    }
    NewRun: {
      /** @description Of the flow's folder: its values for parameters, before those that are given here. */
      environment?: string
      parameters?: Record<string, unknown>
      /** @description The rows of an edge are kept with their times, for who holds data.read. */
      record?: {
        /** @description How long rows are kept while it runs; as long as there is room unless said. */
        ageMs?: number
        /**
         * @description The most it takes on the disk; the oldest rows go.
         * @default 268435456
         */
        bytes?: number
        edge: string
        /**
         * @description true: fields that are marked sensitive are kept as they are.
         * @default false
         */
        sensitive?: boolean
      }
      /** @description What sampled rows go through is kept. */
      trace?: {
        /**
         * @description The most it takes on the disk; the oldest steps go.
         * @default 67108864
         */
        bytes?: number
        /** @description 1 row in so many is traced. */
        rows: number
      }
      /** @description Without it the published one. */
      version?: number | 'draft'
    }
    NewToken: {
      /** @default 90 */
      days?: number
      /** @description And all below; everywhere if there are none. */
      folders?: string[]
      name: string
      permissions: string[]
    }
    NewUser: {
      administersServer?: boolean
      fullName?: string
      name: string
      password?: string
      service?: boolean
    }
    NewVersion: {
      /** @description The flow's own version unless said. */
      label?: string
      message?: string
      /** @description What is published must be able to run. */
      publish?: boolean
    }
    /** @description schema.json of a node. */
    NodeType: {
      category: string
      description: string
      id: string
      name: string
      ports: Record<string, unknown>
      settings: Record<string, unknown>[]
      version: string
    }
    NodeTypes: {
      nodes: components['schemas']['NodeType'][]
    }
    /** @description This document. */
    OpenApi: Record<string, unknown>
    Operations: {
      /** @description The number of the newest of all; 0: there was none yet. */
      last: number
      /** @description The first number that is kept; 0: none. */
      oldest: number
      operations: {
        /** @description Milliseconds since 1970. */
        at: number
        /** @description The id of a user. */
        author: string
        base: string
        number: number
        operation: Record<string, unknown>
      }[]
    }
    Password: {
      password: string
    }
    PasswordChange: {
      current: string
      password: string
    }
    Preview: {
      edge: string
      /** @description Rows for which the condition could not be computed. */
      failed?: number
      /** @description How the run has ended, if it has. */
      outcome?: string
      /** @description The first reason for that. */
      problem?: string
      rows: Record<string, unknown>[]
      /** @description Rows that passed meanwhile and are not there. */
      rowsShed: number
    }
    PreviewRequest: {
      /** @description In place of the draft, for who may change it. */
      document?: Record<string, unknown>
      /** @description true: nodes on the way that may change something elsewhere run too. */
      effects?: boolean
      environment?: string
      node: string
      parameters?: Record<string, unknown>
      /** @description Its first output unless said. */
      port?: string
      /** @default 100 */
      rows?: number
      /**
       * @description So many rows of each source.
       * @default 10000
       */
      sourceRows?: number
    }
    PreviewRows: {
      /** @description These are all the rows that the node gives for those of its sources. */
      complete: boolean
      error?: {
        code?: string
        message?: string
      }
      node: string
      outcome?: string
      port: string
      rows: unknown[]
      schema: {
        name: string
        type: string
      }[]
    }
    /** @description Why a request was not done (RFC 9457). */
    Problem: {
      /** @description Of the list of error codes, such as storage.changed. */
      code: string
      /** @description What was found, what was expected, what to do. */
      detail: string
      problems?: components['schemas']['DocumentProblem'][]
      status: number
      title: string
      type: string
    }
    ProviderAsk: {
      /** @description A path of ours to go on at. */
      return?: string
    }
    ProviderLocation: {
      location: string
    }
    Quota: {
      changedAt?: number
      changedBy?: string
      connections?: number
      descriptors?: number
      diskBytes?: number
      documentBytes?: number
      documents?: number
      egressBytes?: number
      egressBytesPerDay?: number
      folder: string
      /** @description Runs that go on now. */
      going?: number
      maxRunMs?: number
      memoryBytes?: number
      runs?: number
      /** @description Runs that were started within the last minute. */
      startedLately?: number
      startedPerMinute?: number
      threads?: number
      totalConnections?: number
      totalDiskBytes?: number
      /** @description In a list: what is taken now of each bound, whether it is set or not. */
      used?: {
        /** @description Of the run that has most open. */
        connections: number
        /** @description totalDiskBytes by what the files are for: journal, state, dead-letters and so on. */
        disk: {
          [key: string]: number
        }
        /** @description By the run that takes most. */
        diskBytes: number
        documentBytes: number
        documents: number
        /** @description By the run that has sent most. */
        egressBytes: number
        /** @description Today, by UTC; some seconds late. */
        egressBytesPerDay: number
        /** @description By the run that goes on longest. */
        maxRunMs: number
        /** @description By the run that takes most. */
        memoryBytes: number
        runs: number
        startedPerMinute: number
        /** @description Of all its runs. */
        totalConnections: number
        totalDiskBytes: number
        versions: number
      }
      versions?: number
    }
    /** @description runs, startedPerMinute, totalDiskBytes, totalConnections, egressBytesPerDay, documents, versions and documentBytes are of the folder and all below it; the others bound each run, beside config.limits of its flow. */
    QuotaChange: {
      /** @description That a run may have open at a time to others. One more waits, and fails with network.limit when its time is over. */
      connections?: number
      /** @description Files and connections that the process of the run may have open. */
      descriptors?: number
      diskBytes?: number
      /** @description Of documents and their versions, as they are written. */
      documentBytes?: number
      /** @description Flows, also those in the bin. */
      documents?: number
      /** @description That a run may send in all; above it the run ends with run.egress_limit. */
      egressBytes?: number
      /** @description That all its runs may send on a day (UTC). Above it their sources give nothing until the next. */
      egressBytesPerDay?: number
      maxRunMs?: number
      memoryBytes?: number
      /** @description That go on at a time. */
      runs?: number
      startedPerMinute?: number
      threads?: number
      /** @description That all its runs in one engine process may have open at a time. */
      totalConnections?: number
      /** @description Of the files of all its runs and the logs of operations of its drafts. From 90 % on their sources give nothing, until it is less than 85 %. */
      totalDiskBytes?: number
      /** @description Of all its flows. */
      versions?: number
    }
    Quotas: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      quotas: components['schemas']['Quota'][]
    }
    Roles: {
      roles: {
        name: string
        permissions: string[]
      }[]
    }
    Run: {
      createdAt?: number
      endedAt?: number
      environment?: string
      error?: {
        code?: string
        message?: string
      }
      /** @description In a list: what it has told last; absent: nothing yet. */
      figures?: {
        elapsedMicros: number
        errors: number
        progressDone?: number
        /** @description Where its sources know their end. */
        progressTotal?: number
        /** @description That its sources have given. */
        rowsIn: number
        /** @description That its ends have taken. */
        rowsOut: number
        /** @description Rows that are dead letters. */
        setAside: number
      }
      flow: string
      folder?: string
      id: string
      metrics?: Record<string, unknown>
      outcome?: string
      parameters?: Record<string, unknown>
      /** @description The dead letters that it gives again. */
      replay?: Record<string, unknown>
      restarts?: number
      result?: Record<string, unknown>
      /** @description What it was asked to keep of its rows: record, trace. */
      rowsKept?: Record<string, unknown>
      startedAt?: number
      startedBy?: string
      /** @enum {string} */
      state?: 'starting' | 'running' | 'stopping' | 'done' | 'failed' | 'stopped' | 'held'
      /** @description 0: the draft. */
      version?: number
      /** @enum {string} */
      wanted?: 'running' | 'stopped'
      /** @description Why the state is not what is wanted. */
      why?: string
    }
    RunCrashes: {
      crashes: {
        at?: number
        exitCode?: number
        how?: string
        /** @description Whose step it was. */
        node?: string
        process?: number
        /** @description The rows that the step was given: how many, and where the first came from. */
        rows?: {
          count?: number
          partition?: number
          sequence?: number
          /** @description Which node of the plan made it, counted from 1. */
          source?: number
        }
        signal?: number
        /** @description Offsets in the program. */
        stack?: number[]
        /** @description A step of the run was under way, or nobody knows. */
        suspect?: boolean
      }[]
    }
    RunLogs: {
      logs: {
        at?: number
        level?: string
        message?: string
        node?: string
      }[]
      /** @description The cursor of the page with the lines before these. One that looks for few lines among many may give none, and where to go on. */
      next?: string
    }
    RunMetrics: {
      metrics?: Record<string, unknown>
      run: string
    }
    RunPage: {
      /** @description The cursor of the next page. */
      next?: string
      runs: components['schemas']['Run'][]
    }
    RunTrace: {
      /** @description 1 row in so many was traced, or fewer where that was too many. */
      every: number
      /** @description The cursor of the next page. */
      next?: string
      run: string
      steps: {
        endNanos: number
        failed?: string[]
        /** @description Of rows that it gave on, with the output. */
        given?: unknown[][]
        /** @description Of rows that it made anew of others. */
        made?: string[]
        node: string
        /** @description The rows that it made them of, or some of those. */
        parents?: string[]
        /** @description How many more there were. */
        parentsBeyond?: number
        /** @description That the step was given, with those that are not traced. */
        rows?: number
        /** @description Since 1970. */
        startNanos: number
        /** @description Trace ids of rows that it was given. */
        taken?: string[]
        tries?: number
        typeId?: string
      }[]
    }
    RunVersionChange: {
      /**
       * @description Nodes whose settings change go on with the state they had; else such a change is refused.
       * @default false
       */
      keepState?: boolean
      /**
       * @description change: what did not change runs on; restart: it ends behind a checkpoint and begins again there.
       * @default change
       * @enum {string}
       */
      running?: 'change' | 'restart'
      version?: number | ('published' | 'draft')
    }
    Saved: {
      /** @description The file was another before. */
      changed: boolean
      /** @description Below the project's folder. */
      path: string
    }
    Schedule: {
      author?: string
      catchUp?: number
      changedAt?: number
      createdAt?: number
      cron?: string
      environment?: string
      everyMs?: number
      flow: string
      folder?: string
      /** @description Runs of it that go on. */
      going?: number
      id: string
      jitterMs?: number
      misfire?: string
      /** @description Times that passed without a run because no server was there. */
      missed?: number
      name?: string
      /** @description The next planned time; not there if none comes, or it is paused. */
      next?: number
      overlap?: string
      parallel?: number
      parameters?: Record<string, unknown>
      paused: boolean
      revision: number
      startAt?: number
      timeZone?: string
      toleranceMs?: number
      version?: number | 'published'
      /** @description The planned time that waits for the end of the run before it. */
      waitingSince?: number
      /** @description Why no time comes. */
      why?: string
    }
    /** @description Either cron or everyMs. Durations are milliseconds, times milliseconds since 1970. */
    ScheduleChange: {
      /** @default 100 */
      catchUp?: number
      /** @description minute hour day month weekday, with the second in front if there are six; or @daily and the like. */
      cron?: string
      /** @description Of the flow's folder: its values for parameters, as they are when a run begins. */
      environment?: string
      everyMs?: number
      /**
       * @description Each run begins up to so much later than planned, by chance.
       * @default 0
       */
      jitterMs?: number
      /**
       * @description Of times that were missed while no server was there: none begins, one for all of them, or each, up to catchUp.
       * @default once
       * @enum {string}
       */
      misfire?: 'skip' | 'once' | 'all'
      name?: string
      /**
       * @description When a time comes while a run goes on: it is skipped, waits for the end of the run (one at most), or begins beside it.
       * @default skip
       * @enum {string}
       */
      overlap?: 'skip' | 'queue' | 'parallel'
      /**
       * @description So many runs at a time, with overlap parallel.
       * @default 1
       */
      parallel?: number
      parameters?: Record<string, unknown>
      /** @description From which an interval is counted; left out: from when the schedule was made. */
      startAt?: number
      /**
       * @description Of cron. A local time that is skipped comes once, when clocks have changed; one that comes twice counts the first time.
       * @default UTC
       */
      timeZone?: string
      /** @description A time that is dealt with later than this was missed; left out: a minute, or the interval if that is shorter. */
      toleranceMs?: number
      /** @description Of the flow; left out: the one that is published at that time. */
      version?: number | 'published'
    }
    ScheduleFire: {
      byHand?: boolean
      firedAt: number
      /** @enum {string} */
      outcome: 'started' | 'skipped' | 'waiting' | 'failed'
      plannedAt: number
      run?: string
      /** @description Of the run, if it is still on record. */
      runState?: string
      /** @description Why no run was started. */
      why?: string
    }
    ScheduleFires: {
      fires: components['schemas']['ScheduleFire'][]
      /** @description The `before` of the next page. */
      next?: number
    }
    Schedules: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      schedules: components['schemas']['Schedule'][]
    }
    ScheduleTimes: {
      times: number[]
    }
    /** @description What is left out stays as it is; a new secret needs a value or a reference. */
    SecretChange: {
      hosts?: string[]
      nodeTypes?: string[]
      reference?: string
      value?: string
    }
    /** @description What is known of a secret. Times are milliseconds since 1970. */
    SecretHead: {
      changedAt: number
      changedBy?: string
      createdAt: number
      folder: string
      /** @description It is sent to these and to no other: api.example.com, *.example.com, db:5432. */
      hosts: string[]
      name: string
      /** @description Only nodes of these types may use it; empty: all. */
      nodeTypes: string[]
      /** @description Where its value is: vault: or aws-sm:. */
      reference?: string
    }
    SecretPage: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      secrets: components['schemas']['SecretHead'][]
    }
    Session: {
      /** @description Until then the password is not asked for again. */
      confirmedUntil: number
      createdAt: number
      /** @description For X-Weir-Csrf, where a client sends no Origin. */
      csrf: string
      expiresAt: number
      user: components['schemas']['User']
    }
    Sessions: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      sessions: {
        address: string
        client: string
        createdAt: number
        current: boolean
        id: string
        seenAt: number
      }[]
    }
    Setup: {
      needed: boolean
    }
    SignIn: {
      name: string
      password: string
    }
    SignInWays: {
      passwords: boolean
      /** @description What people call it; absent: there is none. */
      provider?: string
    }
    StopRun: {
      /**
       * @default end
       * @enum {string}
       */
      at?: 'end' | 'checkpoint'
    }
    TestRequest: {
      /** @description In place of the draft, for who may change it. */
      document?: Record<string, unknown>
      /** @description true: nodes between sources and sinks that may change something elsewhere run too. */
      effects?: boolean
      /** @description As NAME.test.json has them. */
      tests: {
        anyOrder?: boolean
        /** @description Where the clock stands still: 2026-01-01T00:00:00Z unless said. */
        clock?: string
        deadLetters?: number
        exitCode?: number
        /** @description By node: the rows that it gives. */
        in?: {
          [key: string]: Record<string, unknown>[]
        }
        name: string
        /** @description By node: the rows that come to it. */
        out: {
          [key: string]: Record<string, unknown>[]
        }
        parameters?: Record<string, unknown>
        seed?: number
      }[]
      /** @description The draft unless said. */
      version?: number | 'draft'
    }
    TestResults: {
      failed: number
      passed: number
      tests: {
        name: string
        passed: boolean
        /** @description The first difference, or why it could not be run. */
        why?: string
      }[]
    }
    Token: {
      createdAt: number
      expiresAt: number
      folders: string[]
      id: string
      name: string
      permissions: string[]
      /** @description Within five minutes; 0: never. */
      usedAt: number
      user: string
    }
    Tokens: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      tokens: components['schemas']['Token'][]
    }
    User: {
      administersServer: boolean
      createdAt: number
      disabled: boolean
      fullName: string
      hasPassword: boolean
      id: string
      name: string
      providers?: string[]
      /** @description A program: it has tokens and no password. */
      service: boolean
    }
    UserChange: {
      administersServer?: boolean
      disabled?: boolean
      fullName?: string
      password?: string
    }
    Users: {
      /** @description The cursor of the page behind; missing: there is none. */
      next?: string
      users: components['schemas']['User'][]
    }
    Validation: {
      deterministic?: boolean
      /** @description Nodes that this place cannot run. */
      elsewhere?: {
        hosts?: string[]
        node?: string
        typeId?: string
      }[]
      problems: components['schemas']['DocumentProblem'][]
      valid: boolean
      whyNotDeterministic?: string[]
    }
    Version: {
      document: components['schemas']['FlowDocument']
    } & components['schemas']['VersionHead']
    VersionHead: {
      bytes: number
      createdAt: number
      label: string
      message: string
      number: number
      published: boolean
    }
    VersionPage: {
      /** @description `before` of the page behind; missing: there is none. */
      next?: number
      versions: components['schemas']['VersionHead'][]
    }
  }
  responses: never
  parameters: never
  requestBodies: never
  headers: never
  pathItems: never
}
export type $defs = Record<string, never>
export interface operations {
  listAlertRules: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description only rules of this folder and below */
        folder?: string
        /** @description 50 unless said */
        limit?: number
        /** @description words that are in the id, the name or the metric */
        search?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AlertRules']
        }
      }
    }
  }
  getAlertRule: {
    parameters: {
      query?: never
      header?: never
      path: {
        rule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AlertRule']
        }
      }
    }
  }
  putAlertRule: {
    parameters: {
      query?: never
      header?: never
      path: {
        rule: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AlertRule']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AlertRule']
        }
      }
    }
  }
  deleteAlertRule: {
    parameters: {
      query?: never
      header?: never
      path: {
        rule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listAlerts: {
    parameters: {
      query?: {
        /** @description only older ones than this number: `next` of the page before */
        before?: number
        /** @description 50 unless said */
        limit?: number
        /** @description only those that are raised now, or that have cleared */
        state?: 'raised' | 'cleared'
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AlertPage']
        }
      }
    }
  }
  getAlert: {
    parameters: {
      query?: never
      header?: never
      path: {
        alert: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Alert']
        }
      }
    }
  }
  acknowledgeAlert: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        alert: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Alert']
        }
      }
    }
  }
  silenceAlert: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        alert: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['AlertSilence']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Alert']
        }
      }
    }
  }
  apply: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Apply']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Applied']
        }
      }
    }
  }
  listAudit: {
    parameters: {
      query?: {
        /** @description only this action; with a dot at its end all that begin so, such as user. */
        action?: string
        /** @description only what this user has done, by id */
        actor?: string
        /** @description only older ones than this number */
        before?: number
        /** @description only what was done in this folder and below it */
        folder?: string
        /** @description only what was done then or later, in milliseconds since 1970 */
        from?: number
        /** @description 100 unless said */
        limit?: number
        /** @description only what was done to this, such as user:ID */
        object?: string
        /** @description only what was done then or earlier, in milliseconds since 1970 */
        to?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AuditEntries']
        }
      }
    }
  }
  getCapabilities: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Capabilities']
        }
      }
    }
  }
  listChannels: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description only channels of this folder and below */
        folder?: string
        /** @description 50 unless said */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Channels']
        }
      }
    }
  }
  putChannel: {
    parameters: {
      query?: never
      header?: never
      path: {
        channel: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Channel']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Channel']
        }
      }
    }
  }
  deleteChannel: {
    parameters: {
      query?: never
      header?: never
      path: {
        channel: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  testChannel: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        channel: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ChannelTest']
        }
      }
    }
  }
  listAllDeadLetters: {
    parameters: {
      query?: {
        /** @description only with this error code; several: any of them */
        code?: string[]
        /** @description the next of the page before */
        cursor?: string
        /** @description only of runs of this flow */
        flow?: string
        /** @description only of flows in this folder, or below */
        folder?: string
        /** @description only those that failed then or later, in milliseconds since 1970 */
        from?: number
        /** @description 50 unless said */
        limit?: number
        /** @description only of this node or edge; several: any of them */
        node?: string[]
        /** @description only of this run */
        run?: string
        /** @description only those that were mended, or only the others */
        state?: 'edited' | 'unedited'
        /** @description only those that failed earlier, in milliseconds since 1970 */
        until?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AllDeadLetters']
        }
      }
    }
  }
  discardAllDeadLetters: {
    parameters: {
      query?: {
        /** @description only with this error code; several: any of them */
        code?: string[]
        /** @description only of runs of this flow */
        flow?: string
        /** @description only of flows in this folder, or below */
        folder?: string
        /** @description only of this node or edge; several: any of them */
        node?: string[]
        /** @description only of this run */
        run?: string
        /** @description only those that were mended, or only the others */
        state?: 'edited' | 'unedited'
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DiscardedOfAll']
        }
      }
    }
  }
  countDeadLetters: {
    parameters: {
      query?: {
        /** @description only with this error code; several: any of them */
        code?: string[]
        /** @description only of runs of this flow */
        flow?: string
        /** @description only of flows in this folder, or below */
        folder?: string
        /** @description flow unless said; cause: of each node and code of a flow */
        group?: 'flow' | 'cause' | 'run'
        /** @description 100 unless said */
        limit?: number
        /** @description only of this node or edge; several: any of them */
        node?: string[]
        /** @description only of this run */
        run?: string
        /** @description only those that were mended, or only the others */
        state?: 'edited' | 'unedited'
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DeadLetterCounts']
        }
      }
    }
  }
  getDisk: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Disk']
        }
      }
    }
  }
  getDocs: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getDocsFile: {
    parameters: {
      query?: never
      header?: never
      path: {
        file: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listEnvironments: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description Only those of this folder and below */
        folder?: string
        /** @description 50 unless said */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Environments']
        }
      }
    }
  }
  getEnvironment: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Environment']
        }
      }
    }
  }
  putEnvironment: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['EnvironmentChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Environment']
        }
      }
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Environment']
        }
      }
    }
  }
  deleteEnvironment: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  execute: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Execute']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['Events']
        }
      }
    }
  }
  listExecutions: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Executions']
        }
      }
    }
  }
  getExecution: {
    parameters: {
      query?: never
      header?: never
      path: {
        execution: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Execution']
        }
      }
    }
  }
  cancelExecution: {
    parameters: {
      query?: never
      header?: never
      path: {
        execution: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  readExecution: {
    parameters: {
      query?: {
        /** @description the number of the last event that was seen; Last-Event-ID goes before it */
        after?: number
      }
      header?: {
        /** @description The number of the last event that was seen. */
        'Last-Event-ID'?: string
      }
      path: {
        execution: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['Events']
        }
      }
    }
  }
  listFlows: {
    parameters: {
      query?: {
        /** @description true: those in the bin instead of the others */
        bin?: boolean
        /** @description `next` of the page before */
        cursor?: string
        /** @description a folder such as team/reports: what is there or below */
        folder?: string
        /** @description 50 unless said */
        limit?: number
        /** @description the newest change first (the default), or by name */
        order?: 'changed' | 'name'
        /** @description words that are in the id, name, description or tags */
        search?: string
        /** @description a tag that the flow has; several: it has all */
        tag?: string[]
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowPage']
        }
      }
    }
  }
  createFlow: {
    parameters: {
      query?: {
        /** @description the folder of a new flow, such as team/reports; the root unless said */
        folder?: string
      }
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FlowDocument']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
    }
  }
  getFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description An ETag that the caller has; for PUT, *: only if there is none yet. */
        'If-None-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Flow']
        }
      }
      /** @description The caller has it already. */
      304: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  replaceFlow: {
    parameters: {
      query?: {
        /** @description the folder of a new flow, such as team/reports; the root unless said */
        folder?: string
      }
      header?: {
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
        /** @description An ETag that the caller has; for PUT, *: only if there is none yet. */
        'If-None-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FlowDocument']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
    }
  }
  binFlow: {
    parameters: {
      query?: {
        /** @description true: deletes for good what is in the bin */
        purge?: boolean
      }
      header?: {
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  patchFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['JsonPatch']
        'application/json-patch+json': components['schemas']['JsonPatch']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
    }
  }
  getFlowFile: {
    parameters: {
      query?: never
      header?: never
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowFile']
        }
      }
    }
  }
  moveFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Move']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
    }
  }
  listOperations: {
    parameters: {
      query?: {
        /** @description Only operations behind this number; left out: the newest. */
        after?: number
        /** @description 200 unless said. */
        limit?: number
      }
      header?: never
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Operations']
        }
      }
    }
  }
  appendOperations: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewOperations']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['AppendedOperations']
        }
      }
    }
  }
  previewFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['PreviewRequest']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['PreviewRows']
        }
      }
    }
  }
  restoreFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
    }
  }
  startRun: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['NewRun']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  changeFlowRuns: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['RunVersionChange']
      }
    }
    responses: {
      /** @description All is well. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowRunsChange']
        }
      }
    }
  }
  saveFlow: {
    parameters: {
      query?: {
        /** @description Where the file has something else that the draft would write over: write the draft */
        take?: 'draft'
      }
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Saved']
        }
      }
    }
  }
  listFlowSchedules: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description 50 unless said */
        limit?: number
        /** @description Only those that are paused, or that are not. */
        state?: 'planned' | 'paused'
      }
      header?: never
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedules']
        }
      }
    }
  }
  createSchedule: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleChange']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedule']
        }
      }
    }
  }
  testFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['TestRequest']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['TestResults']
        }
      }
    }
  }
  listVersions: {
    parameters: {
      query?: {
        /** @description only older ones than this number */
        before?: number
        /** @description 50 unless said */
        limit?: number
      }
      header?: never
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['VersionPage']
        }
      }
    }
  }
  appendVersion: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['NewVersion']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['VersionHead']
        }
      }
    }
  }
  getVersion: {
    parameters: {
      query?: never
      header?: never
      path: {
        flow: string
        number: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Version']
        }
      }
    }
  }
  diffVersions: {
    parameters: {
      query?: {
        /** @description true: positions and the order of lists too */
        all?: boolean
        /** @description adds the difference in words */
        format?: 'text' | 'markdown'
        /** @description the version that is compared with it; without it the document as it is now */
        with?: number
      }
      header?: never
      path: {
        flow: string
        number: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowDiff']
        }
      }
    }
  }
  restoreVersion: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        flow: string
        number: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowHead']
        }
      }
    }
  }
  diffFlows: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FlowPair']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowDiff']
        }
      }
    }
  }
  formatFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FlowDocument']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowDocument']
        }
      }
    }
  }
  mergeFlows: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FlowVersions']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FlowMerge']
        }
      }
    }
  }
  validateFlow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['FlowDocument']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Validation']
        }
      }
    }
  }
  getFolder: {
    parameters: {
      query?: never
      header?: never
      path: {
        folder: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FolderContents']
        }
      }
    }
  }
  restoreFolder: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        folder: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FolderContents']
        }
      }
    }
  }
  binFolder: {
    parameters: {
      query?: never
      header?: never
      path: {
        folder: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FolderContents']
        }
      }
    }
  }
  checkFormula: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Formula']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FormulaCheck']
        }
      }
    }
  }
  listFormulaFunctions: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['FormulaFunctions']
        }
      }
    }
  }
  listGrants: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description only grants for this flow alone, by its id */
        flow?: string
        /** @description only grants in this folder and below */
        folder?: string
        /** @description only grants to this group, by its id */
        group?: string
        /** @description 50 unless said */
        limit?: number
        /** @description only grants of this role */
        role?: 'viewer' | 'operator' | 'editor' | 'developer' | 'admin'
        /** @description only grants to this user, by their id; not those to their groups */
        user?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Grants']
        }
      }
    }
  }
  createGrant: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewGrant']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Grant']
        }
      }
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Grant']
        }
      }
    }
  }
  removeGrant: {
    parameters: {
      query?: never
      header?: never
      path: {
        grant: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listGroups: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description 50 unless said */
        limit?: number
        /** @description words that are in the name */
        search?: string
        /** @description only groups that this user is a member of, by their id */
        user?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Groups']
        }
      }
    }
  }
  createGroup: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewGroup']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Group']
        }
      }
    }
  }
  replaceGroup: {
    parameters: {
      query?: never
      header?: never
      path: {
        group: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewGroup']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Group']
        }
      }
    }
  }
  removeGroup: {
    parameters: {
      query?: never
      header?: never
      path: {
        group: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getHealth: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Health']
        }
      }
    }
  }
  getLive: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Health']
        }
      }
    }
  }
  getReady: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Health']
        }
      }
    }
  }
  getKeys: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Keys']
        }
      }
    }
  }
  rotateKeys: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Keys']
        }
      }
    }
  }
  openLive: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: never
  }
  watchAlerts: {
    parameters: {
      query?: {
        /** @description a folder; without it the root folder */
        folder?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  readStreams: {
    parameters: {
      query?: {
        /** @description what to read: metrics:RUN, events:RUN, errors:RUN, logs:RUN, progress:RUN, tap:RUN:EDGE, alerts:FOLDER; several times for several */
        subscribe?: string[]
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  getMe: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Me']
        }
      }
    }
  }
  changePassword: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['PasswordChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Session']
        }
      }
    }
  }
  linkProvider: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['ProviderAsk']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ProviderLocation']
        }
      }
    }
  }
  unlinkProvider: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listSessions: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description 50 unless said */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Sessions']
        }
      }
    }
  }
  endSession: {
    parameters: {
      query?: never
      header?: never
      path: {
        session: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getMetrics: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listMounts: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description Only those of this folder and below */
        folder?: string
        /** @description 50 unless said */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Mounts']
        }
      }
    }
  }
  getMount: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Mount']
        }
      }
    }
  }
  putMount: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['MountChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Mount']
        }
      }
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Mount']
        }
      }
    }
  }
  deleteMount: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  putMountFile: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: {
        /** @description An ETag that the caller has; for PUT, *: only if there is none yet. */
        'If-None-Match'?: string
      }
      path: {
        name: string
        path: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/octet-stream': components['schemas']['FileBytes']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['MountFile']
        }
      }
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['MountFile']
        }
      }
    }
  }
  testMount: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['MountTest']
        }
      }
    }
  }
  getNetwork: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Network']
        }
      }
    }
  }
  putNetwork: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NetworkChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Network']
        }
      }
    }
  }
  listNodes: {
    parameters: {
      query?: {
        /** @description nodes that can run here (the default), or all that are known */
        where?: 'here' | 'everywhere'
      }
      header?: {
        /** @description An ETag that the caller has; for PUT, *: only if there is none yet. */
        'If-None-Match'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['NodeTypes']
        }
      }
      /** @description The caller has it already. */
      304: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getNode: {
    parameters: {
      query?: {
        /** @description a version; without it the newest */
        version?: string
      }
      header?: {
        /** @description An ETag that the caller has; for PUT, *: only if there is none yet. */
        'If-None-Match'?: string
      }
      path: {
        node: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['NodeType']
        }
      }
      /** @description The caller has it already. */
      304: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getOpenApi: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['OpenApi']
        }
      }
    }
  }
  listQuotas: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description Only those of this folder and below. */
        folder?: string
        /** @description 50 unless said */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Quotas']
        }
      }
    }
  }
  putQuota: {
    parameters: {
      query?: {
        /** @description Such as team/reports; left out: the root, and with it all. */
        folder?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['QuotaChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Quota']
        }
      }
    }
  }
  deleteQuota: {
    parameters: {
      query?: {
        /** @description Such as team/reports; left out: the root, and with it all. */
        folder?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listRoles: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Roles']
        }
      }
    }
  }
  listRuns: {
    parameters: {
      query?: {
        /** @description The next of the page before. */
        cursor?: string
        /** @description Only runs of this flow. */
        flow?: string
        /** @description Only runs of flows in this folder, or below. */
        folder?: string
        /** @description Only runs that were made then or later, in milliseconds since 1970. */
        from?: number
        /** @description How many at most. */
        limit?: number
        /** @description Only runs that were started by this: a user's id, or schedule: and its id. */
        startedBy?: string
        /** @description Only runs in this state. */
        state?: 'starting' | 'running' | 'stopping' | 'done' | 'failed' | 'stopped' | 'held'
        /** @description Only runs that were made earlier, in milliseconds since 1970. */
        until?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RunPage']
        }
      }
    }
  }
  getRun: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  deleteRun: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listBreakpoints: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Breakpoints']
        }
      }
    }
  }
  setBreakpoint: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewBreakpoint']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['BreakpointNumber']
        }
      }
    }
  }
  removeBreakpoint: {
    parameters: {
      query?: never
      header?: never
      path: {
        breakpoint: string
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listRunCrashes: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RunCrashes']
        }
      }
    }
  }
  listDeadLetters: {
    parameters: {
      query?: {
        /** @description only behind this number: `next` of the page before */
        after?: number
        /** @description only with this error code; several: any of them */
        code?: string[]
        /** @description true: only those that were mended */
        edited?: boolean
        /** @description 50 unless said */
        limit?: number
        /** @description only of this node or edge; several: any of them */
        node?: string[]
      }
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DeadLetters']
        }
      }
    }
  }
  discardDeadLetters: {
    parameters: {
      query?: {
        /** @description only with this error code; several: any of them */
        code?: string[]
        /** @description true: only those that were mended */
        edited?: boolean
        /** @description only of this node or edge; several: any of them */
        node?: string[]
      }
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Discarded']
        }
      }
    }
  }
  editDeadLetter: {
    parameters: {
      query?: never
      header?: never
      path: {
        number: string
        run: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['EditedLetter']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['DeadLetter']
        }
      }
    }
  }
  discardDeadLetter: {
    parameters: {
      query?: never
      header?: never
      path: {
        number: string
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Discarded']
        }
      }
    }
  }
  replayDeadLetters: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['LetterReplay']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  readRunEvents: {
    parameters: {
      query?: {
        /** @description The number of the last event that was seen. */
        after?: number
      }
      header?: {
        /** @description The number of the last event that was seen. */
        'Last-Event-ID'?: string
      }
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['Events']
        }
      }
    }
  }
  listHeldRows: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['HeldRows']
        }
      }
    }
  }
  changeHeldRow: {
    parameters: {
      query?: never
      header?: never
      path: {
        held: string
        run: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['HeldFields']
      }
    }
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  actOnHeldRow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        held: string
        run: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['HeldAction']
      }
    }
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  watchErrors: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  watchEvents: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  watchLogs: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  watchMetrics: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  watchProgress: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  watchTap: {
    parameters: {
      query?: {
        /** @description 1,000 unless said; what is more is shed and counted */
        rowsPerSecond?: number
        /** @description a condition (CEL) over the rows */
        where?: string
      }
      header?: never
      path: {
        edge: string
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['LiveEvents']
        }
      }
    }
  }
  getRunLogs: {
    parameters: {
      query?: {
        /** @description The next of the page before: goes on with older lines. */
        cursor?: string
        /** @description Only lines of then or later, in milliseconds since 1970. */
        from?: number
        /** @description Only lines of this level and worse ones. */
        level?: 'debug' | 'info' | 'warning' | 'error'
        /** @description How many at most; 1,000 unless said. */
        limit?: number
        /** @description Only lines of this node. */
        node?: string
        /** @description Only lines whose message has this text; a is found for A. */
        search?: string
        /** @description Only lines of then or earlier, in milliseconds since 1970. */
        to?: number
      }
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RunLogs']
        }
      }
    }
  }
  getRunMetrics: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RunMetrics']
        }
      }
    }
  }
  getRunRecording: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  discardRunRecording: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Freed']
        }
      }
    }
  }
  resumeRun: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  stopRun: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['StopRun']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
      /** @description All is well. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  previewRows: {
    parameters: {
      query?: {
        /** @description 20 unless said */
        rows?: number
        /** @description how long to wait for the first rows, 1,000 unless said */
        waitMs?: number
        /** @description a condition (CEL) over the rows */
        where?: string
      }
      header?: never
      path: {
        edge: string
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Preview']
        }
      }
    }
  }
  getRunTrace: {
    parameters: {
      query?: {
        /** @description The next of the page before. */
        cursor?: string
        /** @description How many at most; 100 unless said. */
        limit?: number
        /** @description Only steps that had to do with the row of this trace id, or one that begins so (8 digits). */
        row?: string
      }
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['RunTrace']
        }
      }
    }
  }
  discardRunTrace: {
    parameters: {
      query?: never
      header?: never
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Freed']
        }
      }
    }
  }
  changeRunVersion: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        run: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['RunVersionChange']
      }
    }
    responses: {
      /** @description All is well. */
      202: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Run']
        }
      }
    }
  }
  listSchedules: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description Only those of this flow. */
        flow?: string
        /** @description Only those of flows in this folder, or below. */
        folder?: string
        /** @description 50 unless said */
        limit?: number
        /** @description Only those that are paused, or that are not. */
        state?: 'planned' | 'paused'
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedules']
        }
      }
    }
  }
  getSchedule: {
    parameters: {
      query?: never
      header?: never
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedule']
        }
      }
    }
  }
  replaceSchedule: {
    parameters: {
      query?: never
      header?: {
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['ScheduleChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedule']
        }
      }
    }
  }
  deleteSchedule: {
    parameters: {
      query?: never
      header?: {
        /** @description The ETag of the state that is changed, or * for any. */
        'If-Match'?: string
      }
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listScheduleFires: {
    parameters: {
      query?: {
        /** @description Only times planned before this one: `next` of the page before. */
        before?: number
        /** @description How many at most; 50 if left out. */
        limit?: number
      }
      header?: never
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ScheduleFires']
        }
      }
    }
  }
  pauseSchedule: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedule']
        }
      }
    }
  }
  resumeSchedule: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Schedule']
        }
      }
    }
  }
  runScheduleNow: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ScheduleFire']
        }
      }
    }
  }
  getScheduleTimes: {
    parameters: {
      query?: {
        /** @description Only times after this one, in milliseconds since 1970; left out: after now. */
        after?: number
        /** @description How many at most; 10 if left out. */
        count?: number
      }
      header?: never
      path: {
        schedule: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ScheduleTimes']
        }
      }
    }
  }
  listSecrets: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description Only those of this folder and below */
        folder?: string
        /** @description How many, 100 if left out */
        limit?: number
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SecretPage']
        }
      }
    }
  }
  getSecret: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SecretHead']
        }
      }
    }
  }
  putSecret: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['SecretChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SecretHead']
        }
      }
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SecretHead']
        }
      }
    }
  }
  deleteSecret: {
    parameters: {
      query?: {
        /** @description Whose it is, such as team/reports; left out: the root */
        folder?: string
      }
      header?: never
      path: {
        name: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getSession: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Session']
        }
      }
    }
  }
  signIn: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['SignIn']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Session']
        }
      }
    }
  }
  signOut: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  confirmSession: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Password']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Session']
        }
      }
    }
  }
  confirmAtProvider: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['ProviderAsk']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['ProviderLocation']
        }
      }
    }
  }
  getSetup: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Setup']
        }
      }
    }
  }
  setUp: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewAccount']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Session']
        }
      }
    }
  }
  getSignIn: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['SignInWays']
        }
      }
    }
  }
  beginAtProvider: {
    parameters: {
      query?: {
        /** @description a path of ours to go on at; the start page unless said */
        return?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Error */
      303: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  comeFromProvider: {
    parameters: {
      query?: {
        /** @description for which the provider gives an ID token */
        code?: string
        /** @description why the provider signs nobody in */
        error?: string
        /** @description the provider that answers (RFC 9207) */
        iss?: string
        /** @description as the provider was given it */
        state?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description Error */
      303: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  signOutFromProvider: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/x-www-form-urlencoded': components['schemas']['LogoutForm']
      }
    }
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listTokens: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description 50 unless said */
        limit?: number
        /** @description words that are in the name */
        search?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Tokens']
        }
      }
    }
  }
  createToken: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewToken']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['MadeToken']
        }
      }
    }
  }
  removeToken: {
    parameters: {
      query?: never
      header?: never
      path: {
        token: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listUsers: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description only members of this group, by its id */
        group?: string
        /** @description 50 unless said */
        limit?: number
        /** @description words that are in the name or the whole name */
        search?: string
      }
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Users']
        }
      }
    }
  }
  createUser: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewUser']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['User']
        }
      }
    }
  }
  getUser: {
    parameters: {
      query?: never
      header?: never
      path: {
        user: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['User']
        }
      }
    }
  }
  removeUser: {
    parameters: {
      query?: never
      header?: never
      path: {
        user: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  changeUser: {
    parameters: {
      query?: never
      header?: never
      path: {
        user: string
      }
      cookie?: never
    }
    requestBody?: {
      content: {
        'application/json': components['schemas']['UserChange']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['User']
        }
      }
    }
  }
  endUserSessions: {
    parameters: {
      query?: never
      header?: never
      path: {
        user: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      204: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  listUserTokens: {
    parameters: {
      query?: {
        /** @description `next` of the page before */
        cursor?: string
        /** @description 50 unless said */
        limit?: number
        /** @description words that are in the name */
        search?: string
      }
      header?: never
      path: {
        user: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Tokens']
        }
      }
    }
  }
  createUserToken: {
    parameters: {
      query?: never
      header?: {
        /** @description A name for this request: sent again with the same name it has no second effect, and the same answer. */
        'Idempotency-Key'?: string
      }
      path: {
        user: string
      }
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['NewToken']
      }
    }
    responses: {
      /** @description All is well. */
      201: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['MadeToken']
        }
      }
    }
  }
  getCapabilitiesAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Capabilities']
        }
      }
    }
  }
  getDocsAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  getDocsFileAtRoot: {
    parameters: {
      query?: never
      header?: never
      path: {
        file: string
      }
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
  executeAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody: {
      content: {
        'application/json': components['schemas']['Execute']
      }
    }
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'text/event-stream': components['schemas']['Events']
        }
      }
    }
  }
  getHealthAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Health']
        }
      }
    }
  }
  getLiveAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Health']
        }
      }
    }
  }
  getReadyAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content: {
          'application/json': components['schemas']['Health']
        }
      }
    }
  }
  getMetricsAtRoot: {
    parameters: {
      query?: never
      header?: never
      path?: never
      cookie?: never
    }
    requestBody?: never
    responses: {
      /** @description All is well. */
      200: {
        headers: {
          [name: string]: unknown
        }
        content?: never
      }
    }
  }
}
