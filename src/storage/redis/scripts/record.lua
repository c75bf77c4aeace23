-- What is stored of a job. The record is one string, all numbers with the highest byte first:
--
--   from  bytes
--     1   1   kind: 0 ready 1 timed 2 waiting 3 running 4 parked 5 final
--     2   1   ending: 0 none 1 succeeded 2 deleted 3 failed 4 other (running: of the state before)
--     3   2   marks, below
--     5   6   epoch
--    11   7   since when it is in its state
--    18   8   when it falls due (timed) or expires (parked, final; 0: never)
--    26   7   its number in its row (waiting, parked, final) or its claim (running)
--    33  16   server of the present or last run
--    49   7   when that was claimed
--    56   7   how long after it the handler was entered, plus 1; 0: not known
--    63   7   how long the last finished run took, plus 1; 0: there was none
--    70   1   state (running: the one before): 1 Enqueued 2 Scheduled 3 Awaiting 4 Succeeded 5 Failed
--             6 Deleted; 0: its name stands at the end
--    71       created at (7), number (7), place (7), ready at (7), priority (1), attempts (3),
--             queue: length (1), text; name: length (2), text; parameters: length (4), each
--             name: length (2), text; value: length (4), text; arguments: length (4), text;
--             name of the state: length (1), text; result: length (4), text; at the end, of members
--             of a batch alone: the batch (16), and the number of the member there (7)
--
-- What a claim and the end of a run change stands in front and is overwritten in place.
--
-- The usual life needs nothing else: its history is *Enqueued* at `ready at`, *Processing* at
-- `claimed at`, and the state.

local READY, TIMED, WAITING, RUNNING, PARKED, FINAL = 0, 1, 2, 3, 4, 5

local WAITED = 1       -- before the run it was ready: the first implicit step of the history
local RAN = 2          -- server, claimed, delay mean something
local PENDING = 4      -- the run is over and stands in no history: the second implicit step
local EXTRA = 8        -- there is a hash of further fields
local SUSPECT = 16
local NO_HANDLER = 32  -- its lane is `queue#name`
local CHILDREN = 64    -- there may be jobs that wait for it
local LOG = 128
local HISTORY = 256    -- there is a list of steps
local APART = 512      -- the arguments have a key of their own
local MEMBER = 1024    -- of a batch
local BATCH = 2048     -- it is one

-- Fields of the further hash: r reason, d data (running: of the state before), c crashes,
-- g progress, b run before this one (server, claimed, delay, progress), k unique key, m and u states
-- to take when the conditions are met and can no longer be, t state to take when due, o whose handler
-- is still stopping (server, epoch). Of a batch: f its first state, m and u those that it takes
-- when all members have succeeded, or ended otherwise; n, w, s how many members there ever were,
-- are outstanding, have succeeded; z that they go with it. Of a job with a limit: l how many at once
-- (4), the kinds in which it counts (1), the key; i while it counts; v while it stands in line: its
-- place there (7), the state that it is on its way to.

local FORMAT = '>BBHI6I7i8I7c16I7I7I7BI7I7I7I7bI3Bc0I2c0I4c0I4c0Bc0I4c0'
local HEAD = 70

local STATES = {'Enqueued', 'Scheduled', 'Awaiting', 'Succeeded', 'Failed', 'Deleted'}
local STATE_CODES = {Enqueued = 1, Scheduled = 2, Awaiting = 3, Succeeded = 4, Failed = 5, Deleted = 6}

local PLACES = 2 ^ 45  -- of one priority

local function place_of(priority, position) return (100 - priority) * PLACES + position end

-- A state to be entered, as the C++ side packs it.
local function read_state(text)
  local state = {text = text}
  local flags
  state.kind, state.ending, flags, state.due_in, state.due_at, state.retention, state.name,
  state.reason, state.data = read('>BBBi8i8i8Bc0I4c0I4c0', text)
  if flags % 2 == 0 then state.due_at = nil end
  if flags < 2 then state.retention = nil end
  return state
end
