-- Why a storage itself moved a job: `portfire::reasons`.
local DUE, SHUTDOWN, RECLAIMED = 'It fell due', 'Its server was stopped', 'Its server stopped responding'
local BATCH_DELETED = 'Its batch was deleted'

