-- Templates of recurring jobs. Stored: version, created, due (0 for never, otherwise 1 more than the
-- instant), name of the job, and what nobody here looks into.

local DUE_AT, NAME_AT = 15, 22 -- where these begin

local function template_due(text) return read('>I7', text, DUE_AT) end
local function template_name(text) return (read('>Hc0', text, NAME_AT)) end
